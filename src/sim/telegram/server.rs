//! The HTTP front: the Bot API's two path families, with token check, faults, log and counters around every call.

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Path, Request, State as Shared};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, HeaderName};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use serde_json::Value;

use super::Telegram;
use super::answer::{Answer, Refusal};
use super::calls::Call;
use super::faults::{Act, Verdict};
use super::params::Params;
use super::state::State;

/// The largest request body.
const BODY_BYTES_MAX: usize = 64 * 1024 * 1024;

pub fn router(telegram: Telegram) -> Router {
    Router::new()
        .route("/bot{token}/{method}", any(bot_call))
        .route("/file/bot{token}/{*path}", get(bot_file))
        .merge(super::control::routes())
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .with_state(telegram)
}

const JSON: [(HeaderName, &str); 1] = [(CONTENT_TYPE, "application/json")];

fn refused(refusal: &Refusal) -> Response {
    let status = StatusCode::from_u16(refusal.code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, JSON, refusal.body().to_string()).into_response()
}

fn answered(result: &str) -> Response {
    (JSON, format!("{{\"ok\":true,\"result\":{result}}}")).into_response()
}

/// An answer that ends before it began: the caller cannot know whether the thing was done.
fn cut() -> Response {
    let broken = futures::stream::once(async { Err::<String, _>(std::io::Error::other("the line was cut")) });
    (JSON, Body::from_stream(broken)).into_response()
}

async fn bot_call(
    Shared(telegram): Shared<Telegram>,
    Path((token, method)): Path<(String, String)>,
    request: Request,
) -> Response {
    if !telegram.lock().tokens.contains(&token) {
        return refused(&Refusal::unauthorized());
    }
    let params = match Params::read(request).await {
        Ok(params) => params,
        Err(why) => return refused(&Refusal::bad(why)),
    };
    telegram.call(&method, params).await
}

impl Telegram {
    async fn call(&self, method: &str, params: Params) -> Response {
        let name = method.to_ascii_lowercase();
        let verdict = {
            let mut state = self.lock();
            state.count(&name);
            state.judge(&name, params.int("chat_id"))
        };
        let Verdict { delay_ms, act } = verdict;
        if delay_ms > 0 {
            tokio::time::sleep(Duration::from_millis(delay_ms)).await;
        }
        match act {
            Act::Refuse(refusal) => {
                self.lock().note(method, &params, &Err(refusal.clone()), refusal.code);
                refused(&refusal)
            }
            Act::Hang => {
                let refusal = Refusal { code: 504, description: "Gateway Timeout".into(), parameters: None };
                self.lock().note(method, &params, &Err(refusal.clone()), 504);
                refused(&refusal)
            }
            Act::Pass if name == "getupdates" => match self.poll(&params).await {
                Ok(batch) => answered(&batch),
                Err(refusal) => {
                    self.lock().note(method, &params, &Err(refusal.clone()), refusal.code);
                    refused(&refusal)
                }
            },
            Act::DropAnswer if name == "getupdates" => {
                drop(self.poll(&params).await);
                cut()
            }
            Act::Pass => match self.act(method, &name, &params, false) {
                Ok(result) => answered(&result.to_string()),
                Err(refusal) => refused(&refusal),
            },
            Act::DropAnswer => {
                drop(self.act(method, &name, &params, true));
                cut()
            }
        }
    }

    fn act(&self, method: &str, name: &str, params: &Params, unheard: bool) -> Answer {
        let answer = {
            let mut state = self.lock();
            let answer = state.run(name, params).unwrap_or_else(|| Err(Refusal::not_found()));
            let code = match &answer {
                _ if unheard => 0,
                Ok(_) => 200,
                Err(refusal) => refusal.code,
            };
            state.counters.answers_dropped += u64::from(unheard);
            state.note(method, params, &answer, code);
            answer
        };
        if name == "setwebhook" && answer.is_ok() {
            self.start_webhook_workers();
        }
        answer
    }
}

impl State {
    fn count(&mut self, name: &str) {
        self.counters.calls += 1;
        match self.counters.by_method.get_mut(name) {
            Some(count) => *count += 1,
            None => drop(self.counters.by_method.insert(name.to_owned(), 1)),
        }
    }

    /// Writes the call into the log; `code` 0 means nobody heard the answer.
    fn note(&mut self, method: &str, params: &Params, answer: &Answer, code: u16) {
        if code >= 400 {
            *self.counters.refused.entry(code).or_default() += 1;
        }
        if self.calls.is_on() {
            let answer = answer.as_ref().map_or_else(Refusal::body, Value::clone);
            let (at, params) = (self.now, params.summary());
            self.calls.push(Call { number: 0, at, ms: 0, method: method.to_owned(), params, code, answer });
        }
    }
}

async fn bot_file(Shared(telegram): Shared<Telegram>, Path((token, path)): Path<(String, String)>) -> Response {
    let state = telegram.lock();
    if !state.tokens.contains(&token) {
        return refused(&Refusal::unauthorized());
    }
    match state.files.at_path(&path) {
        Some(file) => ([(CONTENT_TYPE, "application/octet-stream")], file.bytes.clone()).into_response(),
        None => refused(&Refusal::not_found()),
    }
}
