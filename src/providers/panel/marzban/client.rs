//! Asking a Marzban: the token put on, one re-login and one repeat after a 401, and the class of every answer.
//! Always: a 401 means that nothing was done, so the repeat is safe.
//! Never: the meaning of a verb (`verbs.rs`), a second repeat.

use reqwest::Method;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Serialize;
use serde::de::DeserializeOwned;
use url::Url;

use super::super::super::http::{Answer, Body, Call, DownKind, Http, ProviderError};
use super::session::{Pass, Session};
use super::wire;

/// One Marzban and our login to it.
pub(super) struct Client {
    pub http: Http,
    /// Without a slash at its end.
    pub base: String,
    pub username: String,
    pub password: SecretString,
    pub session: Session,
}

/// One ask of the API, before the token is put on.
pub(super) struct Ask {
    method: Method,
    label: &'static str,
    path: String,
    query: Vec<(&'static str, String)>,
    body: Body,
}

impl Ask {
    /// `label` is the path as the log shows it.
    pub fn new(method: Method, label: &'static str, path: impl Into<String>) -> Self {
        Self { method, label, path: path.into(), query: Vec::new(), body: Body::None }
    }

    pub fn get(label: &'static str, path: impl Into<String>) -> Self {
        Self::new(Method::GET, label, path)
    }

    pub fn query(mut self, key: &'static str, value: &impl ToString) -> Self {
        self.query.push((key, value.to_string()));
        self
    }

    pub fn json(mut self, body: &impl Serialize) -> Result<Self, ProviderError> {
        let body = serde_json::to_value(body).map_err(|e| ProviderError::refused("invalid", e.to_string()))?;
        self.body = Body::Json(body);
        Ok(self)
    }
}

impl Client {
    /// Asks, and reads a good answer as `T`.
    pub async fn ask<T: DeserializeOwned>(&self, ask: &Ask) -> Result<T, ProviderError> {
        let answer = self.answer(ask).await?;
        if !answer.is_ok() {
            return Err(failure(&answer));
        }
        decode(&answer)
    }

    /// Asks, and only wants to hear that it was done.
    pub async fn done(&self, ask: &Ask) -> Result<(), ProviderError> {
        let answer = self.answer(ask).await?;
        if answer.is_ok() { Ok(()) } else { Err(failure(&answer)) }
    }

    async fn answer(&self, ask: &Ask) -> Result<Answer, ProviderError> {
        let pass = self.pass(None).await?;
        let answer = self.http.ask(self.call(ask, &pass)?).await?;
        if answer.status != 401 {
            return Ok(answer);
        }
        let pass = self.pass(Some(pass.serial)).await?;
        self.http.ask(self.call(ask, &pass)?).await
    }

    fn call(&self, ask: &Ask, pass: &Pass) -> Result<Call, ProviderError> {
        let mut url = self.url(&ask.path)?;
        if !ask.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&ask.query);
        }
        Ok(Call {
            method: ask.method.clone(),
            url,
            label: ask.label,
            bearer: Some(pass.bearer.clone()),
            agent: None,
            body: ask.body.clone(),
        })
    }

    fn url(&self, path: &str) -> Result<Url, ProviderError> {
        format!("{}{path}", self.base).parse().map_err(|_| ProviderError::refused("config", "the panel's address is not one"))
    }

    async fn pass(&self, spent: Option<u64>) -> Result<Pass, ProviderError> {
        self.session.pass(spent, async || self.login().await).await
    }

    /// A form, not JSON: Marzban answers 422 to a JSON login.
    async fn login(&self) -> Result<String, ProviderError> {
        let call = Call {
            method: Method::POST,
            url: self.url("/api/admin/token")?,
            label: "/api/admin/token",
            bearer: None,
            agent: None,
            body: Body::Form(vec![("username", self.username.clone()), ("password", self.password.expose_secret().to_owned())]),
        };
        let outcome = match self.http.ask(call).await {
            Ok(answer) if answer.is_ok() => decode::<wire::Token>(&answer).map(|token| token.access_token),
            Ok(answer) => Err(failure(&answer)),
            Err(error) => Err(error),
        };
        // What we were about to ask has not been asked, and may be asked again when the login is put right.
        outcome.map_err(|error| match error {
            ProviderError::Unknown { why } => ProviderError::down(DownKind::Unwell, format!("login: {why}")),
            ProviderError::Refused { say, .. } => ProviderError::down(DownKind::Login, say),
            other => other,
        })
    }
}

fn decode<T: DeserializeOwned>(answer: &Answer) -> Result<T, ProviderError> {
    // serde's own words may quote the body, which holds links.
    serde_json::from_slice(&answer.body).map_err(|e| {
        answer.nonsense(format!("the answer is not one of Marzban's ({:?} at {}:{})", e.classify(), e.line(), e.column()))
    })
}

/// The class of an answer that is not a success.
pub(super) fn failure(answer: &Answer) -> ProviderError {
    let detail = wire::detail(&answer.body);
    let unwell = |why: String| ProviderError::down(DownKind::Unwell, why);
    match (answer.status, detail) {
        (401, detail) => ProviderError::down(DownKind::Login, detail.unwrap_or_else(|| "answered 401".to_owned())),
        (403, Some(detail)) => ProviderError::refused("forbidden", detail),
        (404, Some(detail)) if detail == "User not found" => ProviderError::Absent,
        (409, Some(detail)) => ProviderError::refused("conflict", detail),
        (400 | 422, Some(detail)) => ProviderError::refused("invalid", detail),
        (429, _) => unwell("answered 429, too many requests".to_owned()),
        (status @ 300..=399, _) => unwell(format!("answered {status}, a redirect: is the address right, http or https?")),
        (status @ (400..=499), _) => unwell(format!("answered {status}: is this the address of a Marzban?")),
        (status, _) => answer.nonsense(format!("answered {status}")),
    }
}
