//! The one door through which a vendor's HTTP API is called: one client a machine, with its proxy and its timeout.
//! Always: one log line a call, without host, query, body or secret path; a read is never `Unknown`, since nothing can have
//! been done; a write whose answer did not arrive, or arrived as a 5xx, is.
//! Never: follows redirects (a redirected write loses its body), reads the environment's proxy, retries.

use std::time::{Duration, Instant};

use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, USER_AGENT};
use reqwest::{Client, Method, Proxy, redirect};
use secrecy::{ExposeSecret as _, SecretString};

/// An answer longer than this is no answer of an API.
const ANSWER_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Said when the caller names no other. Some vendors refuse agents whose name holds the word "bot".
const OUR_AGENT: &str = concat!("souk/", env!("CARGO_PKG_VERSION"));

/// What a vendor's machine may do to us: four classes, and what to do about each.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProviderError {
    /// It said no, and will say no again. `code` is ours, for a `match`; `say` is for an operator's eyes.
    #[error("it refused ({code}): {say}")]
    Refused { code: &'static str, say: String },
    /// There is no such thing on it.
    #[error("there is no such thing on it")]
    Absent,
    /// Definitely not done. Ask again later.
    #[error("it is down ({kind}): {why}")]
    Down { kind: DownKind, why: String },
    /// Asked, and not answered or answered nonsense: look before you repeat.
    #[error("asked, but the outcome is unknown: {why}")]
    Unknown { why: String },
}

/// Why nothing was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DownKind {
    /// No connection: refused, no such host, no route, connect timeout.
    Unreachable,
    /// Connected, but it answers with failures, too late, or as something else than what we were told it is.
    Unwell,
    /// It does not accept our login. Somebody must look at the credentials.
    Login,
}

impl std::fmt::Display for DownKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Unreachable => "unreachable",
            Self::Unwell => "unwell",
            Self::Login => "login refused",
        })
    }
}

impl ProviderError {
    pub fn refused(code: &'static str, say: impl Into<String>) -> Self {
        Self::Refused { code, say: say.into() }
    }

    pub fn down(kind: DownKind, why: impl Into<String>) -> Self {
        Self::Down { kind, why: why.into() }
    }

    pub fn unknown(why: impl Into<String>) -> Self {
        Self::Unknown { why: why.into() }
    }

    /// May the same ask succeed later? After `Unknown` only by a verb that looks first.
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::Down { .. } | Self::Unknown { .. })
    }

    /// The credentials are wrong: worth an alarm of its own.
    pub fn is_login_refused(&self) -> bool {
        matches!(self, Self::Down { kind: DownKind::Login, .. })
    }
}

/// How to reach one machine.
#[derive(Clone)]
pub struct Way {
    /// Our code of the machine, for the log.
    pub code: String,
    /// `http://`, `https://` or `socks5(h)://`, with credentials if need be.
    pub proxy: Option<String>,
    pub timeout_ms: u64,
}

/// The body of a call. Cannot be printed: a login's holds the password.
#[derive(Clone)]
pub enum Body {
    None,
    Form(Vec<(&'static str, String)>),
    Json(serde_json::Value),
}

/// One ask.
pub struct Call {
    pub method: Method,
    pub url: url::Url,
    /// The path as the log may show it: a template, without names or tokens.
    pub label: &'static str,
    pub bearer: Option<SecretString>,
    pub agent: Option<&'static str>,
    pub body: Body,
}

impl Call {
    /// May the ask have changed something on the machine?
    fn writes(&self) -> bool {
        self.method != Method::GET && self.method != Method::HEAD
    }
}

/// What came back, whatever its status. Printed without its body, which may hold links.
pub struct Answer {
    pub status: u16,
    pub body: Vec<u8>,
    /// Whether the ask may have changed something: it decides the class of a failure.
    pub wrote: bool,
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Answer").field("status", &self.status).field("bytes", &self.body.len()).finish_non_exhaustive()
    }
}

impl Answer {
    pub fn is_ok(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The failure that this answer is when it is not what its sender promised.
    pub fn nonsense(&self, why: impl Into<String>) -> ProviderError {
        if self.wrote { ProviderError::unknown(why) } else { ProviderError::down(DownKind::Unwell, why) }
    }
}

/// A client for one machine. Cheap to clone: the connections are shared.
#[derive(Clone)]
pub struct Http {
    client: Client,
    code: String,
}

impl Http {
    pub fn new(way: &Way) -> Result<Self, ProviderError> {
        let timeout = Duration::from_millis(way.timeout_ms.max(1));
        // Shorter than the whole, so that a machine that does not take the connection is "down" and not "unknown".
        let connect = (timeout / 2).min(Duration::from_secs(5));
        #[expect(clippy::disallowed_methods, reason = "this is the one place where clients are built")]
        let mut builder =
            Client::builder().timeout(timeout).connect_timeout(connect).redirect(redirect::Policy::none()).no_proxy();
        if let Some(proxy) = &way.proxy {
            let proxy = Proxy::all(proxy)
                .map_err(|_| ProviderError::refused("config", format!("{}: the proxy's address is not one", way.code)))?;
            builder = builder.proxy(proxy);
        }
        let client = builder
            .build()
            .map_err(|e| ProviderError::refused("config", format!("{}: no HTTP client: {}", way.code, chain(&e))))?;
        Ok(Self { client, code: way.code.clone() })
    }

    /// Asks once. An answer of any status is `Ok`: what a status means is the vendor's to say.
    pub async fn ask(&self, call: Call) -> Result<Answer, ProviderError> {
        let (method, label, writes) = (call.method.clone(), call.label, call.writes());
        let begun = Instant::now();
        let outcome = self.send(call).await;
        let ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        match outcome {
            Ok((status, body)) => {
                tracing::info!(target: "panel", provider = %self.code, %method, path = label, status, ms, "asked");
                Ok(Answer { status, body, wrote: writes })
            }
            Err(error) => {
                let error = transport(&error, writes);
                tracing::warn!(target: "panel", provider = %self.code, %method, path = label, ms, %error, "asked in vain");
                Err(error)
            }
        }
    }

    async fn send(&self, call: Call) -> Result<(u16, Vec<u8>), Lost> {
        let mut request = self.client.request(call.method, call.url).header(ACCEPT, "*/*");
        request = request.header(USER_AGENT, call.agent.unwrap_or(OUR_AGENT));
        if let Some(bearer) = &call.bearer {
            request = request.header(AUTHORIZATION, format!("Bearer {}", bearer.expose_secret()));
        }
        request = match call.body {
            Body::None => request,
            Body::Form(fields) => request.form(&fields),
            Body::Json(value) => request.header(CONTENT_TYPE, "application/json").body(value.to_string()),
        };
        let mut answer = request.send().await.map_err(Lost::Wire)?;
        let status = answer.status().as_u16();
        let mut body = Vec::new();
        while let Some(part) = answer.chunk().await.map_err(Lost::Wire)? {
            if body.len() + part.len() > ANSWER_BYTES_MAX {
                return Err(Lost::TooLong);
            }
            body.extend_from_slice(&part);
        }
        Ok((status, body))
    }
}

/// Why there is no answer.
enum Lost {
    Wire(reqwest::Error),
    TooLong,
}

/// The class of an ask that got no answer.
fn transport(lost: &Lost, writes: bool) -> ProviderError {
    let why = match lost {
        Lost::Wire(error) if error.is_connect() => return ProviderError::down(DownKind::Unreachable, chain(error)),
        // Never sent: the request could not even be built.
        Lost::Wire(error) if error.is_builder() => return ProviderError::refused("config", chain(error)),
        Lost::Wire(error) if error.is_timeout() => "no answer in time".to_owned(),
        Lost::Wire(error) => chain(error),
        Lost::TooLong => "the answer is too long".to_owned(),
    };
    if writes { ProviderError::unknown(why) } else { ProviderError::down(DownKind::Unwell, why) }
}

/// The causes of an error in one line. reqwest's own line names the URL, which may be a secret: it is left out.
fn chain(error: &reqwest::Error) -> String {
    let mut cause = std::error::Error::source(error);
    let mut words = Vec::new();
    while let Some(next) = cause {
        words.push(next.to_string());
        cause = next.source();
    }
    if words.is_empty() { "the call broke off".to_owned() } else { words.join(": ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn way(timeout_ms: u64) -> Way {
        Way { code: "t".into(), proxy: None, timeout_ms }
    }

    fn call(method: Method, url: &str) -> Call {
        Call { method, url: url.parse().unwrap(), label: "/x", bearer: None, agent: None, body: Body::None }
    }

    #[tokio::test]
    async fn a_closed_port_is_down_even_for_a_write() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let http = Http::new(&way(2_000)).unwrap();
        let error = http.ask(call(Method::POST, &format!("http://127.0.0.1:{port}/secret"))).await.unwrap_err();
        assert!(matches!(error, ProviderError::Down { kind: DownKind::Unreachable, .. }), "{error:?}");
        assert!(!error.to_string().contains("secret"), "{error}");
        assert!(error.is_retryable() && !error.is_login_refused());
    }

    #[tokio::test]
    async fn silence_is_unknown_for_a_write_and_down_for_a_read() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let http = Http::new(&way(100)).unwrap();
        let written = http.ask(call(Method::POST, &url)).await.unwrap_err();
        assert!(matches!(written, ProviderError::Unknown { .. }), "{written:?}");
        let read = http.ask(call(Method::GET, &url)).await.unwrap_err();
        assert!(matches!(read, ProviderError::Down { kind: DownKind::Unwell, .. }), "{read:?}");
    }

    #[test]
    fn a_bad_proxy_is_refused_without_being_shown() {
        let bad = Way { proxy: Some("::secret::".into()), ..way(100) };
        let Err(error) = Http::new(&bad) else { panic!("accepted") };
        assert!(matches!(error, ProviderError::Refused { code: "config", .. }));
        assert!(!error.to_string().contains("secret"));
    }
}
