//! The login to one Marzban: a token, kept until shortly before it ends.
//! Always: at most one login at a time, and those who waited for it share its outcome, good or bad: a login costs the panel
//! a password hash and is reported to its owner, a failed one with the password in clear.
//! Never: a login on a timer, or a second one for a refusal that was just heard.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::SecretString;
use tokio::sync::Mutex;

use super::super::super::http::ProviderError;

/// A token is given up this long before it ends, or after half its life if that is shorter.
const EARLY: Duration = Duration::from_mins(1);

/// The token in use, if any.
#[derive(Default)]
pub(super) struct Session {
    slot: Mutex<Slot>,
    /// Logins that have ended, well or not: tells those who waited that theirs has been done.
    done: AtomicU64,
}

#[derive(Default)]
struct Slot {
    pass: Option<Pass>,
    done: u64,
    failed: Option<ProviderError>,
}

/// A token that the panel gave us, and which one it is.
#[derive(Clone)]
pub(super) struct Pass {
    pub bearer: SecretString,
    pub serial: u64,
    ends: Option<Instant>,
}

impl Pass {
    fn is_good(&self, spent: Option<u64>) -> bool {
        spent != Some(self.serial) && self.ends.is_none_or(|ends| Instant::now() < ends)
    }
}

impl Session {
    /// The token to use. `spent` is the serial of one that the panel has just refused. `login` is asked only when there is none.
    pub async fn pass<F>(&self, spent: Option<u64>, login: F) -> Result<Pass, ProviderError>
    where
        F: AsyncFnOnce() -> Result<String, ProviderError>,
    {
        let before = self.done.load(Ordering::Acquire);
        let mut slot = self.slot.lock().await;
        if let Some(pass) = slot.pass.as_ref().filter(|pass| pass.is_good(spent)) {
            return Ok(pass.clone());
        }
        if slot.done > before
            && let Some(failed) = &slot.failed
        {
            return Err(failed.clone());
        }
        let outcome = login().await;
        slot.done += 1;
        self.done.store(slot.done, Ordering::Release);
        match outcome {
            Ok(token) => {
                let ends = life(&token).and_then(|life| Instant::now().checked_add(life));
                let pass = Pass { bearer: token.into(), serial: slot.done, ends };
                slot.pass = Some(pass.clone());
                slot.failed = None;
                Ok(pass)
            }
            Err(error) => {
                slot.pass = None;
                slot.failed = Some(error.clone());
                Err(error)
            }
        }
    }
}

/// How long to use a token: from its own `iat` to its `exp`, so that the panel's clock need not agree with ours. `None` when it
/// does not say: then until the panel refuses it.
fn life(token: &str) -> Option<Duration> {
    #[derive(serde::Deserialize)]
    struct Claims {
        iat: i64,
        exp: i64,
    }
    let claims = token.split('.').nth(1)?;
    let claims: Claims = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims.trim_end_matches('=')).ok()?).ok()?;
    let whole = Duration::from_secs(u64::try_from(claims.exp.checked_sub(claims.iat)?).ok()?);
    Some(whole.saturating_sub(EARLY).max(whole / 2))
}

#[cfg(test)]
mod tests {
    use super::super::super::super::http::DownKind;
    use super::*;

    fn token(claims: &str) -> String {
        format!("e30.{}.sig", URL_SAFE_NO_PAD.encode(claims))
    }

    #[test]
    fn a_token_is_used_until_a_minute_before_its_end() {
        for (claims, secs) in [
            (r#"{"sub":"a","iat":1000,"exp":87400}"#, Some(86_340)),
            (r#"{"iat":1000,"exp":1060}"#, Some(30)),
            (r#"{"iat":1000}"#, None),
            (r#"{"iat":1000,"exp":900}"#, None),
        ] {
            assert_eq!(life(&token(claims)), secs.map(Duration::from_secs), "{claims}");
        }
        assert_eq!(life("garbage"), None);
    }

    #[tokio::test]
    async fn those_who_waited_share_a_failure_and_the_next_one_asks_again() {
        let session = Session::default();
        let asked = AtomicU64::new(0);
        let fail = async || {
            asked.fetch_add(1, Ordering::Relaxed);
            tokio::task::yield_now().await;
            Err(ProviderError::down(DownKind::Login, "no"))
        };
        let all = futures::future::join_all((0..8).map(|_| session.pass(None, fail))).await;
        assert!(all.iter().all(|one| one.as_ref().is_err_and(ProviderError::is_login_refused)));
        assert_eq!(asked.load(Ordering::Relaxed), 1);
        assert!(session.pass(None, fail).await.is_err());
        assert_eq!(asked.load(Ordering::Relaxed), 2);
    }

    #[tokio::test]
    async fn only_the_refused_token_is_given_up() {
        let session = Session::default();
        let login = async || Ok(token(r#"{"iat":1000,"exp":87400}"#));
        let first = session.pass(None, login).await.unwrap();
        let second = session.pass(Some(first.serial), login).await.unwrap();
        assert_ne!(first.serial, second.serial);
        // A straggler that was refused with the first token gets the second, not a third.
        assert_eq!(session.pass(Some(first.serial), login).await.unwrap().serial, second.serial);
    }
}
