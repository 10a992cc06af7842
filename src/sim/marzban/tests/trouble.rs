//! What the adapter makes of a panel that is silent, breaks off, is down, or forgets our login.

use std::sync::Arc;

use futures::future::join_all;

use super::{DAY, GIB, START, Stage, TOO_LONG_MS, client, disabled, spec};
use crate::providers::http::{DownKind, ProviderError};
use crate::providers::panel::{AccountSpec, AccountState, Deleted, Panel};
use crate::sim::marzban::{Down, Fault, FaultKind};

#[tokio::test]
async fn a_failure_after_the_account_was_made_still_gives_the_account() {
    for kind in [FaultKind::StatusAfter(502), FaultKind::StatusAfter(500), FaultKind::StatusAfter(504), FaultKind::CutAfter] {
        let stage = Stage::new().await;
        stage.fault("POST", "/api/user", kind.clone());
        let account = stage.panel.ensure(&spec("s_1")).await.unwrap();
        assert_eq!((account.state, stage.only().username.as_str()), (AccountState::Active, "s_1"), "{kind:?}");
        assert_eq!(stage.sim.count("POST", "/api/user"), 1, "looked, not repeated: {kind:?}");
        stage.assert_clean();
    }
}

#[tokio::test]
async fn silence_after_the_account_was_made_still_gives_the_account() {
    let stage = Stage::impatient().await;
    stage.panel.health().await.unwrap();
    stage.fault("POST", "/api/user", FaultKind::SilentAfter { ms: TOO_LONG_MS });
    stage.panel.ensure(&spec("s_1")).await.unwrap();
    stage.panel.ensure(&spec("s_1")).await.unwrap();
    assert_eq!(stage.only().username, "s_1");
    stage.assert_clean();
}

#[tokio::test]
async fn a_failure_before_anything_was_done_is_unknown_and_the_next_try_makes_one_account() {
    let stage = Stage::impatient().await;
    stage.panel.health().await.unwrap();
    for kind in [FaultKind::Silent { ms: TOO_LONG_MS }, FaultKind::Status(502, String::new()), FaultKind::Cut] {
        stage.fault("POST", "/api/user", kind.clone());
        let error = stage.panel.ensure(&spec("s_1")).await.unwrap_err();
        assert!(matches!(error, ProviderError::Unknown { .. }) && error.is_retryable(), "{kind:?}: {error:?}");
        assert_eq!(stage.sim.accounts(), vec![]);
    }
    stage.panel.ensure(&spec("s_1")).await.unwrap();
    assert_eq!(stage.only().username, "s_1");
}

#[tokio::test]
async fn a_create_that_lands_after_we_looked_is_found_by_the_next_try() {
    let stage = Stage::impatient().await;
    stage.panel.health().await.unwrap();
    for name in ["s_before", "s_after"] {
        stage.fault("POST", "/api/user", FaultKind::Late { ms: TOO_LONG_MS });
        let error = stage.panel.ensure(&spec(name)).await.unwrap_err();
        assert!(matches!(error, ProviderError::Unknown { .. }), "{error:?}");
        if name == "s_before" {
            assert_eq!(stage.sim.land_late(), 1);
        }
        let account = stage.panel.ensure(&spec(name)).await.unwrap();
        stage.sim.land_late();
        assert_eq!(stage.panel.get(&spec(name).name).await.unwrap().links, account.links);
    }
    assert_eq!(stage.sim.accounts().len(), 2);
    stage.assert_clean();
}

#[tokio::test]
async fn when_looking_fails_too_the_outcome_stays_unknown() {
    let stage = Stage::new().await;
    stage.fault("POST", "/api/user", FaultKind::StatusAfter(502));
    stage.fault("GET", "/api/user/s_1", FaultKind::Status(502, String::new()));
    let error = stage.panel.ensure(&spec("s_1")).await.unwrap_err();
    assert!(matches!(error, ProviderError::Unknown { .. }), "{error:?}");
    stage.panel.ensure(&spec("s_1")).await.unwrap();
    assert_eq!(stage.only().username, "s_1");
}

#[tokio::test]
async fn a_change_is_looked_after_and_safe_to_repeat() {
    let stage = Stage::new().await;
    stage.panel.ensure(&spec("s_1")).await.unwrap();
    let more = AccountSpec { expires_at: Some(START + 60 * DAY), traffic_bytes: Some(20 * GIB), ..spec("s_1") };
    stage.fault("PUT", "/api/user/", FaultKind::StatusAfter(502));
    assert_eq!(stage.panel.apply(&more).await.unwrap().traffic_bytes, Some(20 * GIB));
    stage.fault("PUT", "/api/user/", FaultKind::Status(502, String::new()));
    let error = stage.panel.apply(&disabled("s_1")).await.unwrap_err();
    assert!(matches!(error, ProviderError::Unknown { .. }), "{error:?}");
    assert_eq!(stage.only().data_limit, Some(20 * GIB));
    assert_eq!(stage.panel.apply(&disabled("s_1")).await.unwrap().state, AccountState::Disabled);
    assert_eq!((stage.only().status, stage.only().expire), ("disabled", Some(START + 30 * DAY)));
    stage.assert_clean();
}

#[tokio::test]
async fn a_reset_is_looked_after() {
    let stage = Stage::new().await;
    stage.panel.ensure(&spec("s_1")).await.unwrap();
    stage.sim.set_usage("s_1", 4 * GIB);
    stage.fault("POST", "/api/user/s_1/reset", FaultKind::Status(502, String::new()));
    let error = stage.panel.reset_usage(&spec("s_1")).await.unwrap_err();
    assert!(matches!(error, ProviderError::Unknown { .. }), "{error:?}");
    assert_eq!(stage.only().used_bytes, 4 * GIB);
    stage.fault("POST", "/api/user/s_1/reset", FaultKind::StatusAfter(502));
    assert_eq!(stage.panel.reset_usage(&spec("s_1")).await.unwrap().used_bytes, 0);
    assert_eq!(stage.sim.count("POST", "/api/user/s_1/reset"), 2);
}

#[tokio::test]
async fn an_account_on_hold_is_not_reset_before_it_has_an_end() {
    // A reset of it would make it active for ever, if we died just then.
    let stage = Stage::new().await;
    stage.panel.ensure(&spec("s_1")).await.unwrap();
    super::replay::put_on_hold(&stage, "s_1").await;
    stage.sim.set_usage("s_1", GIB);
    stage.fault("PUT", "/api/user/s_1", FaultKind::Status(502, String::new()));
    assert!(stage.panel.reset_usage(&spec("s_1")).await.unwrap_err().is_retryable());
    assert_eq!((stage.sim.count("POST", "/api/user/s_1/reset"), stage.only().status), (0, "on_hold"));
}

#[tokio::test]
async fn eight_at_once_make_one_account() {
    let stage = Stage::new().await;
    let wanted = spec("s_1");
    let all = join_all((0..8).map(|_| stage.panel.ensure(&wanted))).await;
    let all: Vec<_> = all.into_iter().map(Result::unwrap).collect();
    assert!(all.iter().all(|account| account.links == all[0].links));
    assert_eq!((stage.only().username.as_str(), stage.sim.logins()), ("s_1", 1));
    stage.assert_clean();
}

#[tokio::test]
async fn a_void_token_costs_one_login_however_many_ask() {
    let stage = Stage::new().await;
    let panel: &Arc<dyn Panel> = &stage.panel;
    panel.health().await.unwrap();
    assert_eq!(stage.sim.logins(), 1);
    stage.sim.void_tokens();
    let all = join_all((0..16).map(|_| panel.health())).await;
    assert!(all.iter().all(Result::is_ok), "{all:?}");
    assert_eq!(stage.sim.logins(), 2);
    // A token at its end, by the panel's clock.
    stage.hand.forward(2 * DAY);
    panel.health().await.unwrap();
    assert_eq!(stage.sim.logins(), 3);
}

#[tokio::test]
async fn a_refused_login_is_told_apart_and_asked_once() {
    let stage = Stage::new().await;
    stage.panel.health().await.unwrap();
    stage.sim.set_auth_broken(true);
    let error = stage.panel.ensure(&spec("s_1")).await.unwrap_err();
    assert!(error.is_login_refused() && error.is_retryable(), "{error:?}");
    assert_eq!(stage.sim.logins(), 2);
    let all = join_all((0..8).map(|_| stage.panel.health())).await;
    assert!(all.iter().all(|one| one.as_ref().is_err_and(ProviderError::is_login_refused)));
    assert_eq!(stage.sim.logins(), 3, "those who waited shared the refusal");
    stage.sim.set_auth_broken(false);
    stage.panel.ensure(&spec("s_1")).await.unwrap();
    // A wrong password from the start.
    stage.sim.set_password("shop", "another");
    let stranger = client(&stage.sim, "shop", 10_000).await;
    let error = stranger.get(&spec("s_1").name).await.unwrap_err();
    assert!(matches!(error, ProviderError::Down { kind: DownKind::Login, .. }), "{error:?}");
    assert!(!error.to_string().contains("pass-word"));
}

#[tokio::test]
async fn a_silent_login_leaves_the_ask_unasked() {
    let stage = Stage::impatient().await;
    stage.fault("POST", "/api/admin/token", FaultKind::Silent { ms: TOO_LONG_MS });
    let error = stage.panel.ensure(&spec("s_1")).await.unwrap_err();
    assert!(matches!(error, ProviderError::Down { kind: DownKind::Unwell, .. }), "{error:?}");
    stage.panel.ensure(&spec("s_1")).await.unwrap();
}

#[tokio::test]
async fn a_closed_panel_is_unreachable_and_works_when_it_is_back() {
    let stage = Stage::new().await;
    stage.panel.ensure(&spec("s_1")).await.unwrap();
    stage.sim.set_down(Down::Closed).await;
    // Over a connection that it believes to stand, a client may learn of the end only after it has asked.
    assert!(stage.panel.ensure(&spec("s_2")).await.unwrap_err().is_retryable());
    let error = stage.panel.ensure(&spec("s_2")).await.unwrap_err();
    assert!(matches!(error, ProviderError::Down { kind: DownKind::Unreachable, .. }), "{error:?}");
    stage.sim.set_down(Down::BadGateway).await;
    let error = stage.panel.health().await.unwrap_err();
    assert!(matches!(error, ProviderError::Down { kind: DownKind::Unwell, .. }), "{error:?}");
    stage.sim.set_down(Down::No).await;
    stage.panel.ensure(&spec("s_2")).await.unwrap();
    assert_eq!(stage.sim.accounts().len(), 2);
}

#[tokio::test]
async fn a_delete_whose_answer_was_lost_is_a_delete() {
    let stage = Stage::new().await;
    let name = spec("s_1").name;
    stage.panel.ensure(&disabled("s_1")).await.unwrap();
    stage.fault("DELETE", "/api/user/", FaultKind::CutAfter);
    assert_eq!(stage.panel.delete(&name, "subscription of s_1").await.unwrap(), Deleted::Now);
    assert_eq!(stage.panel.delete(&name, "subscription of s_1").await.unwrap(), Deleted::Before);
}

#[tokio::test]
async fn nonsense_is_unknown_after_a_write_and_down_after_a_read() {
    let stage = Stage::new().await;
    let page = "<html>vless://secret-of-a-customer</html>".to_owned();
    let times = 1;
    for method in ["POST", "GET"] {
        let kind = FaultKind::Status(200, page.clone());
        stage.sim.fault(Fault { path_prefix: "/api/user/s_1".into(), method: Some(method), kind, times });
    }
    let written = stage.panel.revoke_link(&spec("s_1").name).await.unwrap_err();
    assert!(matches!(written, ProviderError::Unknown { .. }), "{written:?}");
    let read = stage.panel.get(&spec("s_1").name).await.unwrap_err();
    assert!(matches!(read, ProviderError::Down { kind: DownKind::Unwell, .. }), "{read:?}");
    assert!(!format!("{written} {read}").contains("secret"));
}
