//! What each verb does on a panel that is well.

use super::{DAY, GIB, START, Stage, TOO_LONG_MS, client, config, disabled, refusal, spec};
use crate::providers::http::ProviderError;
use crate::providers::panel::{AccountName, AccountSpec, AccountState, Deleted, PAGE_ACCOUNTS, Wanted, connect};
use crate::sim::marzban::{FaultKind, Marzban};

#[tokio::test]
async fn ensuring_twice_makes_one_account_as_wanted() {
    let stage = Stage::new().await;
    let first = stage.panel.ensure(&spec("s_1")).await.unwrap();
    let again = stage.panel.ensure(&spec("s_1")).await.unwrap();
    assert_eq!(
        (first.state, first.expires_at, first.traffic_bytes),
        (AccountState::Active, Some(START + 30 * DAY), Some(10 * GIB))
    );
    assert_eq!((first.links.len(), &first.links), (3, &again.links));
    assert!(first.is_ours("subscription of s_1"));
    assert!(first.subscription_url.starts_with(&format!("{}/sub/", stage.sim.url().unwrap())), "{first:?}");
    let row = stage.only();
    assert_eq!((row.status, row.expire, row.data_limit), ("active", Some(START + 30 * DAY), Some(10 * GIB)));
    assert_eq!(stage.sim.count("PUT", "/"), 0, "nothing was to be changed");
    stage.assert_clean();
}

#[tokio::test]
async fn an_account_without_limits_or_disabled_from_the_start_can_be_made() {
    let stage = Stage::new().await;
    let free = AccountSpec { expires_at: None, traffic_bytes: None, ..spec("s_free") };
    let account = stage.panel.ensure(&free).await.unwrap();
    assert_eq!((account.expires_at, account.traffic_bytes), (None, None));
    let account = stage.panel.ensure(&disabled("s_off")).await.unwrap();
    assert_eq!((account.state, account.expires_at), (AccountState::Disabled, Some(START + 30 * DAY)));
    // From limited to unlimited and back.
    stage.panel.apply(&AccountSpec { expires_at: None, traffic_bytes: None, ..disabled("s_off") }).await.unwrap();
    let account = stage.panel.apply(&spec("s_off")).await.unwrap();
    assert_eq!((account.state, account.traffic_bytes), (AccountState::Active, Some(10 * GIB)));
    stage.assert_clean();
}

#[tokio::test]
async fn ensuring_brings_what_was_made_before_to_the_targets() {
    let stage = Stage::new().await;
    stage.panel.ensure(&AccountSpec { traffic_bytes: Some(GIB), ..spec("s_1") }).await.unwrap();
    let account = stage.panel.ensure(&spec("s_1")).await.unwrap();
    assert_eq!(account.traffic_bytes, Some(10 * GIB));
    assert_eq!(stage.only().data_limit, Some(10 * GIB));
}

#[tokio::test]
async fn a_foreign_account_of_the_name_is_left_alone() {
    let stage = Stage::new().await;
    stage.panel.ensure(&AccountSpec { note: "of somebody else".into(), ..spec("s_1") }).await.unwrap();
    let before = stage.only();
    assert_eq!(refusal(stage.panel.ensure(&spec("s_1")).await), "name_taken");
    assert_eq!(refusal(stage.panel.apply(&disabled("s_1")).await), "name_taken");
    assert_eq!(refusal(stage.panel.reset_usage(&spec("s_1")).await), "name_taken");
    let deleted = stage.panel.delete(&spec("s_1").name, "subscription of s_1").await;
    assert!(matches!(deleted, Err(ProviderError::Refused { code: "name_taken", .. })), "{deleted:?}");
    assert_eq!(stage.only(), before);
}

#[tokio::test]
async fn an_account_of_another_admin_is_a_taken_name() {
    let stage = Stage::new().await;
    stage.panel.ensure(&spec("s_1")).await.unwrap();
    stage.sim.add_reseller("reseller", "pass-word");
    let reseller = client(&stage.sim, "reseller", 10_000).await;
    assert_eq!(refusal(reseller.ensure(&spec("s_1")).await), "name_taken");
    assert_eq!(refusal(reseller.get(&spec("s_1").name).await), "forbidden");
}

#[tokio::test]
async fn values_that_marzban_would_choke_on_are_not_sent() {
    let stage = Stage::new().await;
    for wrong in [
        AccountSpec { expires_at: Some((START + DAY) * 1_000), ..spec("s_1") },
        AccountSpec { expires_at: Some(0), ..spec("s_1") },
        AccountSpec { expires_at: Some(-5), ..spec("s_1") },
        AccountSpec { traffic_bytes: Some(0), ..spec("s_1") },
        AccountSpec { note: String::new(), ..spec("s_1") },
        AccountSpec { note: "x".repeat(501), ..spec("s_1") },
    ] {
        assert_eq!(refusal(stage.panel.ensure(&wrong).await), "invalid", "{wrong:?}");
        assert_eq!(refusal(stage.panel.apply(&wrong).await), "invalid", "{wrong:?}");
    }
    assert_eq!(stage.sim.calls(), vec![]);
}

#[tokio::test]
async fn a_lapsed_account_is_extended_from_any_state() {
    let stage = Stage::new().await;
    let later = |name| AccountSpec { expires_at: Some(START + 90 * DAY), traffic_bytes: Some(30 * GIB), ..spec(name) };
    for name in ["s_expired", "s_limited", "s_both", "s_off", "s_fine"] {
        stage.panel.ensure(&spec(name)).await.unwrap();
    }
    stage.panel.apply(&disabled("s_off")).await.unwrap();
    stage.sim.set_usage("s_limited", 11 * GIB);
    stage.hand.forward(31 * DAY);
    stage.sim.set_usage("s_both", 11 * GIB);
    let state = |name: &str| stage.sim.accounts_named(name)[0].status;
    assert_eq!(["s_expired", "s_limited", "s_off", "s_fine"].map(state), ["expired", "limited", "disabled", "expired"]);
    for name in ["s_expired", "s_limited", "s_both", "s_off", "s_fine"] {
        let account = stage.panel.apply(&later(name)).await.unwrap();
        assert_eq!((account.state, account.expires_at), (AccountState::Active, Some(START + 90 * DAY)), "{name}");
    }
    // And the panel's next review agrees.
    stage.hand.forward(60);
    assert_eq!(["s_expired", "s_limited", "s_both", "s_off", "s_fine"].map(state), ["active"; 5]);
    stage.assert_clean();
}

#[tokio::test]
async fn more_time_without_more_traffic_leaves_a_used_up_account_limited() {
    let stage = Stage::new().await;
    stage.panel.ensure(&spec("s_1")).await.unwrap();
    stage.sim.set_usage("s_1", 11 * GIB);
    let longer = AccountSpec { expires_at: Some(START + 60 * DAY), ..spec("s_1") };
    assert_eq!(stage.panel.apply(&longer).await.unwrap().state, AccountState::Limited);
    let account = stage.panel.reset_usage(&longer).await.unwrap();
    assert_eq!((account.state, account.used_bytes, account.lifetime_bytes), (AccountState::Active, 0, 11 * GIB));
    stage.assert_clean();
}

#[tokio::test]
async fn a_reset_keeps_a_disabled_account_disabled() {
    let stage = Stage::new().await;
    stage.panel.ensure(&spec("s_1")).await.unwrap();
    stage.sim.set_usage("s_1", 5 * GIB);
    stage.panel.apply(&disabled("s_1")).await.unwrap();
    let account = stage.panel.reset_usage(&disabled("s_1")).await.unwrap();
    assert_eq!((account.state, account.used_bytes), (AccountState::Disabled, 0));
    assert_eq!((stage.only().status, stage.sim.count("POST", "/api/user/s_1/reset")), ("disabled", 1));
    stage.assert_clean();
}

#[tokio::test]
async fn a_missing_account_is_absent() {
    let stage = Stage::new().await;
    let name = spec("s_1").name;
    assert_eq!(stage.panel.get(&name).await.unwrap_err(), ProviderError::Absent);
    assert_eq!(stage.panel.apply(&spec("s_1")).await.unwrap_err(), ProviderError::Absent);
    assert_eq!(stage.panel.reset_usage(&spec("s_1")).await.unwrap_err(), ProviderError::Absent);
    assert_eq!(stage.panel.revoke_link(&name).await.unwrap_err(), ProviderError::Absent);
    assert_eq!(stage.panel.delete(&name, "x").await.unwrap(), Deleted::Before);
}

#[tokio::test]
async fn a_link_holds_servers_until_it_is_revoked() {
    let stage = Stage::new().await;
    let account = stage.panel.ensure(&spec("s_1")).await.unwrap();
    let servers = stage.panel.links(&account).await.unwrap();
    assert_eq!(servers, account.links);
    assert_eq!(stage.only().sub_updated_at, Some(START));
    let renewed = stage.panel.revoke_link(&spec("s_1").name).await.unwrap();
    assert_eq!(stage.panel.links(&account).await.unwrap_err(), ProviderError::Absent);
    let new_servers = stage.panel.links(&renewed).await.unwrap();
    assert_eq!(new_servers.len(), servers.len());
    assert!(new_servers.iter().all(|server| !servers.contains(server)));
    stage.assert_clean();
}

#[tokio::test]
async fn a_link_without_servers_is_refused() {
    let stage = Stage::new().await;
    let account = stage.panel.ensure(&spec("s_1")).await.unwrap();
    stage.sim.remove_inbounds();
    let error = stage.panel.links(&account).await.unwrap_err();
    assert!(matches!(error, ProviderError::Refused { code: "no_servers", .. }), "{error:?}");
    assert!(!error.is_retryable());
}

#[tokio::test]
async fn protocols_inbounds_and_flow_are_as_configured() {
    let stage = Stage::new().await;
    let mut config = config(&stage.sim.url().unwrap(), "shop", 10_000);
    config.protocols = vec!["vless".into(), "trojan".into()];
    config.inbounds.insert("vless".into(), vec!["VLESS REALITY".into()]);
    config.flow = Some("xtls-rprx-vision".into());
    config.sub_base_url = Some("https://links.example/".into());
    let account = connect(config.clone()).unwrap().ensure(&spec("s_1")).await.unwrap();
    assert_eq!(account.links.iter().map(|link| &link[..8]).collect::<Vec<_>>(), ["vless://", "trojan:/"]);
    assert!(account.links[0].contains("flow=xtls-rprx-vision"));
    assert!(account.subscription_url.starts_with("https://links.example/sub/"));
    stage.assert_clean();
    config.protocols = vec!["wireguard".into()];
    assert!(matches!(connect(config.clone()), Err(ProviderError::Refused { code: "config", .. })));
    config.protocols = vec!["vmess".into()];
    assert!(matches!(connect(config.clone()), Err(ProviderError::Refused { code: "config", .. })));
    config.base_url = "panel.example".into();
    assert!(matches!(connect(config), Err(ProviderError::Refused { code: "config", .. })));
}

#[tokio::test]
async fn seven_hundred_accounts_are_listed_by_pages_each_once() {
    let stage = Stage::new().await;
    let names: Vec<AccountName> = (0..700).map(|n| format!("s_{n}").parse().unwrap()).collect();
    for name in &names {
        stage.panel.ensure(&spec(name.as_str())).await.unwrap();
    }
    let (mut seen, mut page, mut pages) = (Vec::new(), Some(0), 0);
    while let Some(at) = page {
        let answer = stage.panel.list(at).await.unwrap();
        assert_eq!(answer.total, 700);
        assert!(answer.accounts.len() <= usize::try_from(PAGE_ACCOUNTS).unwrap());
        seen.extend(answer.accounts.into_iter().map(|account| account.name));
        (page, pages) = (answer.next, pages + 1);
    }
    assert_eq!((pages, seen.len()), (7, 700));
    assert_eq!(seen, names.iter().map(ToString::to_string).collect::<Vec<_>>());
    // Only those asked for, of which one is gone.
    let some: Vec<AccountName> = names.iter().step_by(6).cloned().chain(["s_gone".parse().unwrap()]).collect();
    let found = stage.panel.get_many(&some).await.unwrap();
    assert_eq!(found.len(), 117);
    assert!(found.iter().all(|account| some.iter().any(|name| name.as_str() == account.name)));
    assert_eq!(stage.sim.count("GET", "/api/users"), 7 + 3);
    assert_eq!(stage.panel.get_many(&[]).await.unwrap(), vec![]);
    stage.assert_clean();
}

#[tokio::test]
async fn health_tells_what_an_operator_asks() {
    let stage = Stage::new().await;
    stage.panel.ensure(&spec("s_1")).await.unwrap();
    stage.panel.ensure(&disabled("s_2")).await.unwrap();
    let health = stage.panel.health().await.unwrap();
    assert_eq!((health.version.as_str(), health.accounts_total, health.accounts_active), ("0.8.4", 2, 1));
    assert!(health.core_running && health.warning.is_none());
    stage.sim.set_core_running(false);
    assert!(!stage.panel.health().await.unwrap().core_running);
    stage.assert_clean();
}

#[tokio::test]
async fn an_admin_of_the_environment_is_warned_of_and_leaves_no_ghost() {
    let stage = Stage::new().await;
    stage.sim.add_env_admin("root", "pass-word");
    let root = client(&stage.sim, "root", 10_000).await;
    assert!(root.health().await.unwrap().warning.is_some());
    root.ensure(&spec("s_1")).await.unwrap();
    // Marzban answers 500 to this delete, although the row goes.
    assert_eq!(root.delete(&spec("s_1").name, "subscription of s_1").await.unwrap(), Deleted::Now);
    assert_eq!((stage.sim.accounts(), stage.sim.ghosts()), (vec![], vec![]));
    stage.assert_clean();
}

#[tokio::test]
async fn a_delete_whose_answer_fails_is_looked_after() {
    let stage = Stage::new().await;
    let name = spec("s_1").name;
    for (kind, expected) in
        [(FaultKind::StatusAfter(500), Ok(())), (FaultKind::Status(500, "Internal Server Error".into()), Err(()))]
    {
        stage.panel.ensure(&spec("s_1")).await.unwrap();
        stage.fault("DELETE", "/api/user/", kind);
        let outcome = stage.panel.delete(&name, "subscription of s_1").await;
        match expected {
            Ok(()) => assert_eq!(outcome.unwrap(), Deleted::Uncleanly),
            Err(()) => assert!(matches!(outcome, Err(ProviderError::Unknown { .. })), "{outcome:?}"),
        }
    }
    assert_eq!(stage.panel.delete(&name, "subscription of s_1").await.unwrap(), Deleted::Now);
    assert_eq!(stage.sim.accounts(), vec![]);
}

#[tokio::test]
async fn an_account_on_hold_is_brought_to_the_targets() {
    // Only a panel's owner makes these; here by hand, under our note.
    let stage = Stage::new().await;
    stage.panel.ensure(&spec("s_1")).await.unwrap();
    super::replay::put_on_hold(&stage, "s_1").await;
    stage.sim.set_usage("s_1", GIB);
    assert_eq!(stage.only().status, "on_hold");
    let account = stage.panel.reset_usage(&spec("s_1")).await.unwrap();
    assert_eq!((account.state, account.expires_at, account.used_bytes), (AccountState::Active, Some(START + 30 * DAY), 0));
    super::replay::put_on_hold(&stage, "s_1").await;
    let account = stage.panel.apply(&disabled("s_1")).await.unwrap();
    assert_eq!((account.state, account.expires_at), (AccountState::Disabled, Some(START + 30 * DAY)));
    assert_eq!(disabled("s_1").state, Wanted::Disabled);
}

#[tokio::test]
async fn another_server_at_the_address_is_down_and_not_absent() {
    // A web server that knows nothing of Marzban: what it lacks says nothing about our accounts.
    let sim = Marzban::new(super::Hand::new().clock());
    let url = sim.start().await.unwrap();
    sim.add_admin("shop", "pass-word");
    let panel = connect(config(&format!("{url}/elsewhere"), "shop", TOO_LONG_MS)).unwrap();
    let error = panel.get(&spec("s_1").name).await.unwrap_err();
    assert!(matches!(error, ProviderError::Down { .. }) && error.is_retryable(), "{error:?}");
}
