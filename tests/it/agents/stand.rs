//! What stories of agents stand on: a shop with two tiers, and Ali, who is an agent of the first.
use crate::sales::shop::{CASHIER, OWNER, Shop, commit, irt};
use souk::base::{ApplicationId, Asset, Lang, Money, PersonId};
use souk::shop::accounts::{self, Hello};
use souk::shop::agents::{self, Agency, Agent, Application, ApplicationError, Form, Prices, Rule, Tier};
use souk::shop::catalog::Words;
use souk::shop::checkout;
use souk::shop::ledger::{self, Account, Leg, Standing, Transfer};

pub const ALI: PersonId = PersonId(700);
pub const REZA: PersonId = PersonId(701);
/// What a month costs an agent of the first tier: a fifth off.
pub const AGENT_PRICE: i64 = 120_000;
pub const LINE: i64 = 300_000;

pub fn form() -> Form {
    let [first_name, last_name, phone, shop_name, province, city, address] =
        ["Ali", "Karimi", "+989120000000", "Ali Net", "Fars", "Shiraz", "Street 1"].map(str::to_owned);
    Form { first_name, last_name, phone, shop_name, province, city, address }
}

pub fn tier(code: &str, line: i64) -> Tier {
    Tier {
        code: code.parse().expect("a code"),
        titles: Words::from([(Lang::En, code)]),
        line,
        pending_percent: 50,
        overdraft: 100_000,
        days: None,
        plans: vec![],
        prices: Prices::default().with(None, Rule::PercentOff(20)),
        on: true,
    }
}

impl Shop {
    pub async fn knows(&self, who: PersonId, name: &str) {
        let hello = Hello { id: who, name: name.to_owned(), username: None, came_by: None };
        let now = self.now();
        commit!(self, tx => async move { accounts::know(tx, &hello, now).await }).expect("he is known");
    }

    /// Writes into the database what no verb would.
    pub async fn meddles(&self, sql: &'static str) {
        commit!(self, tx => async move { souk::db::execute(tx, sql, vec![]).await }).expect("it is written");
    }

    pub async fn has_tiers(&self) {
        let now = self.now();
        for (place, tier) in [tier("silver", LINE), tier("gold", 3 * LINE)].into_iter().enumerate() {
            let place = i64::try_from(place).expect("a small number");
            commit!(self, tx => async move { agents::put_tier(tx, &tier, place, now).await }).expect("a tier");
        }
    }

    pub async fn applies(&self, who: PersonId, id: i64) -> Result<Application, ApplicationError> {
        let (customer, now) = (self.customer(who).await, self.now());
        commit!(self, tx => async move { agents::apply(tx, &customer, ApplicationId(id), &form(), now).await })
    }

    pub async fn accepts(&self, by: PersonId, id: i64, tier: &str) -> Result<(), ApplicationError> {
        let (admin, now, tier) = (self.admin(by).await, self.now(), tier.parse().expect("a code"));
        commit!(self, tx => async move { agents::accept(tx, &admin, ApplicationId(id), &tier, now).await })
    }

    /// Somebody who is an agent of the first tier.
    pub async fn makes_agent(&self, who: PersonId) {
        self.knows(who, "Ali").await;
        if agents::tiers(self.db.read()).await.expect("they are read").is_empty() {
            self.has_tiers().await;
        }
        self.applies(who, who.0).await.expect("he applies");
        self.accepts(CASHIER, who.0, "silver").await.expect("he is accepted");
    }

    pub async fn agency(&self, who: PersonId) -> Agency {
        agents::agency(self.db.read(), who).await.expect("it is read").expect("an agency")
    }

    pub async fn agent(&self, who: PersonId) -> Option<Agent> {
        let customer = self.customer(who).await;
        agents::agent(self.db.read(), &customer).await.expect("it is read")
    }

    pub async fn standing(&self, who: PersonId) -> Standing {
        ledger::standing(self.db.read(), &Account::credit(who, Asset::Irt)).await.expect("it is read")
    }

    /// Confirmed, and what may still be spent.
    pub async fn credit(&self, who: PersonId) -> (i64, i64) {
        let standing = self.standing(who).await;
        (standing.confirmed.minor, standing.left.minor)
    }

    /// Moves credit by hand: positive is his.
    pub async fn corrects(&self, who: PersonId, minor: i64) {
        let (correction, credit) = (Account::correction(Asset::Irt), Account::credit(who, Asset::Irt));
        let (debit, credit) = if minor > 0 { (correction, credit) } else { (credit, correction) };
        let now = self.now();
        let transfer = Transfer {
            key: format!("by hand {}", self.update().0),
            kind: "correction",
            about: format!("person:{who}"),
            actor: OWNER,
            reason: None,
            legs: vec![Leg { debit, credit, amount: irt(minor.abs()) }],
        };
        commit!(self, tx => async move { ledger::post(tx, transfer, now).await }).expect("it is moved");
    }

    pub async fn closes(&self, by: PersonId, who: PersonId, how: agents::Settlement) -> Result<Money, agents::CloseError> {
        let (admin, now) = (self.admin(by).await, self.now());
        commit!(self, tx => async move { checkout::close_agency(tx, &admin, who, how, now).await })
    }
}
