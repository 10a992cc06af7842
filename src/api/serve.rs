//! The listener, and the end of every router. It knows no path of its own.
use crate::base::Fault;
use axum::Router;
use axum::http::StatusCode;
use std::future::Future;
use tokio::net::TcpListener;

/// The end of the router: whatever is not there is not there, and nothing else is said.
pub fn nothing_here(router: Router) -> Router {
    router.fallback(async || StatusCode::NOT_FOUND)
}

/// Serves until `stop` ends; what runs then is finished.
pub async fn serve(listener: TcpListener, router: Router, stop: impl Future<Output = ()> + Send + 'static) -> Result<(), Fault> {
    axum::serve(listener, router).with_graceful_shutdown(stop).await.map_err(Fault::from)
}
