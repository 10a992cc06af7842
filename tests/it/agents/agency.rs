//! How one becomes an agent, what admins change about him, and how an agency ends.
use super::stand::{ALI, LINE, REZA, form, tier};
use crate::sales::shop::{CASHIER, OWNER, SARA, Shop, commit, irt, stories};
use souk::base::{ApplicationId, DAY, PersonId, Time};
use souk::shop::accounts;
use souk::shop::agents::{
    self, ApplicationError, ApplicationState, CloseError, Form, ManageError, Prices, Rule, Search, Settlement, State,
};
use souk::shop::ledger::Limits;
use souk::shop::notices::{AgentNotice, Notice};

async fn audits(shop: &Shop, of: PersonId) -> Vec<String> {
    let page = souk::base::Page::new(0, 50);
    let lines = accounts::audit_of(shop.db.read(), &format!("person:{of}"), page).await.expect("it is read");
    lines.into_iter().rev().map(|line| line.act).collect()
}

/// A change by an admin, in a transaction of its own.
macro_rules! managed {
    ($shop:expr, $by:expr, $verb:ident($($value:expr),*)) => {{
        let (admin, now) = ($shop.admin($by).await, $shop.now());
        commit!($shop, tx => async move { agents::$verb(tx, &admin, ALI, $($value,)* now).await })
    }};
}

stories! {
    async fn an_application_is_decided_once(shop: Shop) {
        shop.knows(ALI, "Ali").await;
        shop.has_tiers().await;
        let filed = shop.applies(ALI, 1).await.expect("it is filed");
        assert_eq!(shop.applies(ALI, 1).await.expect("the same"), filed);
        assert!(matches!(shop.applies(ALI, 2).await, Err(ApplicationError::Waits(ApplicationId(1)))));
        let (customer, now) = (shop.customer(ALI).await, shop.now());
        let half = Form { city: " ".to_owned(), ..form() };
        let refused = commit!(shop, tx => async move { agents::apply(tx, &customer, ApplicationId(3), &half, now).await });
        assert!(matches!(refused, Err(ApplicationError::BadForm)));
        let (admin, now) = (shop.admin(CASHIER).await, shop.now());
        commit!(shop, tx => async move { agents::reject(tx, &admin, ApplicationId(1), "not in your city", now).await })
            .expect("it is rejected");
        assert!(matches!(shop.accepts(OWNER, 1, "silver").await, Err(ApplicationError::Decided)));
        assert!(shop.agent(ALI).await.is_none());
        shop.applies(ALI, 4).await.expect("he may try again");
        assert!(matches!(shop.accepts(OWNER, 4, "bronze").await, Err(ApplicationError::NoTier)));
        shop.accepts(OWNER, 4, "silver").await.expect("it is accepted");
        assert!(matches!(shop.accepts(CASHIER, 4, "gold").await, Err(ApplicationError::Decided)));
        assert!(matches!(shop.applies(ALI, 5).await, Err(ApplicationError::Agent)));
        let agency = shop.agency(ALI).await;
        assert_eq!((agency.state, agency.tier.code.as_str(), agency.shop_name.as_str()), (State::Active, "silver", "Ali Net"));
        let limits = Limits { line: LINE, pending_per_mille: 500, pending_max: 100_000 };
        assert_eq!(shop.standing(ALI).await.limits, limits);
        assert_eq!(shop.credit(ALI).await, (0, LINE));
        assert_eq!(audits(shop, ALI).await, ["agent.reject", "agent.accept"]);
        let told: Vec<Notice> = shop.told(ALI).await;
        assert!(matches!(
            told.as_slice(),
            [Notice::Agent(AgentNotice::Rejected { .. }), Notice::Agent(AgentNotice::Accepted { .. })]
        ));
        assert_eq!(shop.told(PersonId(0)).await.len(), 2, "the group heard of both applications");
        let first = agents::application(shop.db.read(), ApplicationId(1)).await.expect("it is read").expect("it is there");
        assert_eq!(first.state, ApplicationState::Rejected { reason: "not in your city".to_owned() });
    }

    async fn who_is_an_agent_already_or_banned_is_not_accepted(shop: Shop) {
        shop.makes_agent(ALI).await;
        managed!(shop, OWNER, set_line(Some(5_000))).expect("his own line");
        // Filed while the first was being accepted: it waits, though he is an agent by now.
        shop.meddles("UPDATE agents SET state = 'closed' WHERE person = 700").await;
        shop.applies(ALI, 2).await.expect("it is filed");
        shop.meddles("UPDATE agents SET state = 'active' WHERE person = 700").await;
        let before = shop.all_rows().await;
        assert!(matches!(shop.accepts(OWNER, 2, "gold").await, Err(ApplicationError::Agent)));
        assert_eq!(shop.all_rows().await, before);
        assert_eq!((shop.agency(ALI).await.line, shop.agency(ALI).await.tier.code.as_str()), (Some(5_000), "silver"));
        shop.applies(SARA, 3).await.expect("she applies");
        let (owner, now) = (shop.admin(OWNER).await, shop.now());
        commit!(shop, tx => async move { accounts::ban(tx, &owner, SARA, "a fake", now).await }).expect("she is banned");
        let before = shop.all_rows().await;
        assert!(matches!(shop.accepts(OWNER, 3, "gold").await, Err(ApplicationError::Banned)));
        assert_eq!(shop.all_rows().await, before);
        let (owner, now) = (shop.admin(OWNER).await, shop.now());
        commit!(shop, tx => async move { agents::reject(tx, &owner, ApplicationId(3), "", now).await }).expect("she is rejected");
    }

    async fn who_comes_back_has_nothing_of_his_own_from_then(shop: Shop) {
        shop.makes_agent(ALI).await;
        let (agent, plan) = (shop.agent(ALI).await.expect("an agent"), "m1".parse().expect("a code"));
        commit!(shop, tx => async move {
            agents::set_digest(tx, &agent, false).await?;
            agents::set_selling(tx, &agent, &plan, Some(190_000)).await
        })
        .expect("his own");
        shop.closes(OWNER, ALI, Settlement::Paid).await.expect("it is closed");
        shop.applies(ALI, 2).await.expect("he applies");
        shop.accepts(OWNER, 2, "gold").await.expect("he is accepted");
        let agency = shop.agency(ALI).await;
        assert_eq!((agency.selling, agency.digest, agency.line), (agents::Selling::default(), true, None));
    }

    async fn nobody_accepts_himself(shop: Shop) {
        shop.has_tiers().await;
        shop.applies(CASHIER, 1).await.expect("staff may apply");
        assert!(matches!(shop.accepts(CASHIER, 1, "gold").await, Err(ApplicationError::NotAllowed)));
        shop.accepts(OWNER, 1, "gold").await.expect("somebody else may");
    }

    async fn the_account_follows_every_change_of_its_agency(shop: Shop) {
        shop.makes_agent(ALI).await;
        let cashier = managed!(shop, CASHIER, set_line(Some(5)));
        assert!(matches!(cashier, Err(ManageError::NotAllowed)), "a credit line is the owner's");
        managed!(shop, OWNER, set_line(Some(5_000))).expect("his own line");
        assert!(matches!(managed!(shop, OWNER, set_line(Some(5_000))), Err(ManageError::Already)));
        assert!(matches!(managed!(shop, OWNER, set_line(Some(-1))), Err(ManageError::BadValue)));
        assert_eq!(shop.standing(ALI).await.limits.line, 5_000);
        let gold = "gold".parse().expect("a code");
        managed!(shop, OWNER, set_tier(&gold)).expect("another tier");
        assert_eq!(shop.standing(ALI).await.limits.line, 5_000, "his own line stays");
        managed!(shop, OWNER, set_line(None)).expect("the tier's again");
        assert_eq!(shop.standing(ALI).await.limits.line, 3 * LINE);
        let own = Prices::default().with(Some(&"m1".parse().expect("a code")), Rule::Fixed(99_000));
        managed!(shop, OWNER, set_prices(&own)).expect("his own prices");
        let plan = crate::sales::shop::plan("m1", None);
        assert_eq!(shop.agency(ALI).await.price(&plan), Some(irt(99_000)));
        managed!(shop, OWNER, set_until(Some(Time(1)))).expect("an end");
        assert!(shop.agency(ALI).await.is_over(shop.now()));
        managed!(shop, CASHIER, freeze("a call is needed")).expect("he is frozen");
        assert!(matches!(managed!(shop, CASHIER, freeze("a call is needed")), Err(ManageError::Already)));
        managed!(shop, CASHIER, thaw()).expect("he works again");
        let acts = ["agent.accept", "agent.line", "agent.tier", "agent.line", "agent.prices", "agent.until", "agent.freeze", "agent.thaw"];
        assert_eq!(audits(shop, ALI).await, acts);
    }

    async fn a_frozen_agent_spends_nothing(shop: Shop) {
        shop.makes_agent(ALI).await;
        managed!(shop, CASHIER, freeze("")).expect("he is frozen");
        let account = souk::shop::ledger::Account::credit(ALI, souk::base::Asset::Irt);
        let now = shop.now();
        let spent = commit!(shop, tx => async move {
            let leg = souk::shop::ledger::Leg {
                debit: account,
                credit: souk::shop::ledger::Account::revenue("vpn", souk::base::Asset::Irt),
                amount: irt(1),
            };
            let transfer = souk::shop::ledger::Transfer {
                key: "x".to_owned(), kind: "sale", about: "x".to_owned(), actor: ALI, reason: None, legs: vec![leg],
            };
            souk::shop::ledger::post(tx, transfer, now).await
        });
        assert!(matches!(spent, Err(souk::shop::ledger::LedgerError::Frozen(_))));
    }

    async fn an_agency_is_closed_when_nothing_is_owed(shop: Shop) {
        shop.makes_agent(ALI).await;
        shop.corrects(ALI, -70_000).await;
        assert!(matches!(shop.closes(CASHIER, ALI, Settlement::Paid).await, Err(CloseError::NotAllowed)));
        assert!(matches!(shop.closes(OWNER, ALI, Settlement::Paid).await, Err(CloseError::Owes(owed)) if owed == irt(70_000)));
        let less = Settlement::WriteOff(irt(69_999));
        assert!(matches!(shop.closes(OWNER, ALI, less).await, Err(CloseError::Owes(_))), "not what he owes by now");
        shop.corrects(ALI, 100_000).await;
        assert_eq!(shop.closes(OWNER, ALI, Settlement::Paid).await.expect("it is closed"), irt(30_000));
        assert_eq!((shop.wallet(ALI).await, shop.credit(ALI).await), (30_000, (0, 0)));
        assert!(shop.agent(ALI).await.is_none());
        assert!(matches!(shop.closes(OWNER, ALI, Settlement::Paid).await, Err(CloseError::Unknown)));
        // He may come back; nothing is left of before.
        shop.later(DAY);
        shop.applies(ALI, 9).await.expect("he applies again");
        shop.accepts(OWNER, 9, "gold").await.expect("he is accepted again");
        assert_eq!(shop.credit(ALI).await, (0, 3 * LINE));
        shop.corrects(ALI, -10).await;
        assert_eq!(shop.closes(OWNER, ALI, Settlement::WriteOff(irt(10))).await.expect("it is written off"), irt(0));
        assert_eq!(shop.credit(ALI).await, (0, 0));
    }

    async fn agents_are_found_by_what_is_known_of_them(shop: Shop) {
        shop.makes_agent(ALI).await;
        shop.makes_agent(REZA).await;
        let found = async |search: Search| {
            let page = souk::base::Page::new(0, 10);
            let (some, total) = agents::list(shop.db.read(), &search, page).await.expect("they are read");
            assert_eq!(some.len(), usize::try_from(total).expect("a small number"));
            some.into_iter().map(|agency| agency.person).collect::<Vec<_>>()
        };
        let text = |text: &str| Search { text: Some(text.to_owned()), ..Search::default() };
        assert_eq!(found(Search::default()).await.len(), 2);
        assert_eq!(found(text("ali net")).await.len(), 2);
        assert_eq!(found(text("۷۰۱")).await, [REZA]);
        assert!(found(text("%")).await.is_empty() && found(text("nobody")).await.is_empty());
        let gold = Search { tier: Some("gold".parse().expect("a code")), ..Search::default() };
        assert!(found(gold).await.is_empty());
        assert_eq!(found(Search { state: Some(State::Active), ..text("700") }).await, [ALI]);
        assert!(shop.agent(SARA).await.is_none());
    }

    async fn a_tier_that_changes_changes_what_its_agents_pay(shop: Shop) {
        shop.makes_agent(ALI).await;
        let before = shop.jobs("apply_tier").await;
        let (now, dearer) = (shop.now(), tier("silver", 7));
        commit!(shop, tx => async move { agents::put_tier(tx, &dearer, 0, now).await }).expect("it is changed");
        assert_eq!(shop.jobs("apply_tier").await, before + 1);
        commit!(shop, tx => async move { agents::set_limits(tx, ALI, now).await }).expect("what the job does");
        assert_eq!(shop.standing(ALI).await.limits.line, 7);
        assert_eq!(agents::of_tier(shop.db.read(), &"silver".parse().expect("a code"), PersonId(0), 9).await.expect("read"), [ALI]);
    }
}
