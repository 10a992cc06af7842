//! Logging: one line a fact, to standard error, as text or as JSON.
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::FmtSpan;

/// Starts logging; a second start (the demo restarts the shop) changes nothing.
pub fn start(filter: &str, json: bool) {
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_span_events(FmtSpan::NONE);
    let started = if json { lines.json().flatten_event(true).try_init() } else { lines.compact().try_init() };
    if started.is_err() {
        tracing::debug!("logging was started before");
    }
}
