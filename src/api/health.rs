//! What machines ask about this process: does it live, is it ready, what does it count.
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use futures::future::BoxFuture;
use metrics_exporter_prometheus::PrometheusHandle;
use std::sync::Arc;

/// One thing that must be well for this process to be of use; `Err` says what is not.
pub type Check = Arc<dyn Fn() -> BoxFuture<'static, Result<(), String>> + Send + Sync>;

/// What `/readyz` asks, each with its name, and where `/metrics` comes from.
#[derive(Clone)]
pub struct Checks {
    pub ready: Vec<(&'static str, Check)>,
    pub metrics: Option<PrometheusHandle>,
}

/// `/healthz`, `/readyz`, `/metrics`.
pub fn health(checks: Checks) -> Router {
    Router::new()
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
        .with_state(checks)
}

async fn ready(State(checks): State<Checks>) -> (StatusCode, String) {
    let mut said = String::new();
    let mut status = StatusCode::OK;
    for (name, check) in checks.ready {
        let line = match check().await {
            Ok(()) => format!("{name}: ok\n"),
            Err(what) => {
                status = StatusCode::SERVICE_UNAVAILABLE;
                format!("{name}: {what}\n")
            }
        };
        said.push_str(&line);
    }
    (status, said)
}

async fn metrics(State(checks): State<Checks>) -> Result<String, StatusCode> {
    let handle = checks.metrics.ok_or(StatusCode::NOT_FOUND)?;
    handle.run_upkeep();
    Ok(handle.render())
}
