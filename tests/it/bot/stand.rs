//! A furnished shop with a Telegram in front. Updates are handed over one by one, so that nothing waits for a time.
use crate::sales::shop::{CASHIER, NOON, OWNER, Shop, plan};
use crate::world::postgres::Kind;
use souk::app::App;
use souk::base::texts::t;
use souk::base::{Asset, ChatId, Clock, Fault, Ids, Lang, Money, PersonId, Time, UpdateId};
use souk::bot::Bot;
use souk::db;
use souk::queue::inbox::Stored;
use souk::shop::accounts::{self, Person};
use souk::shop::catalog::{self, Plan, Words};
use souk::shop::settings;
use souk::sim::telegram::{self, Actor, NewGroup, Pressed, SeenMessage, Telegram, Upload};
use std::sync::Arc;

pub const LEILA: i64 = 1_001;
pub const BORIS: i64 = 1_002;
pub const EVE: i64 = 1_003;
pub const GROUP: i64 = -5_001;

pub struct Stand {
    pub shop: Shop,
    pub telegram: Telegram,
    pub app: App,
    bot: Bot,
}

/// Runs a story on both databases: each part of it is a test of its own.
macro_rules! stories {
    ($($(#[$doc:meta])* async fn $name:ident($stand:ident: Stand) $body:block)+) => {$(
        mod $name {
            use super::*;

            $(#[$doc])*
            async fn story($stand: &Stand) $body

            #[tokio::test]
            async fn on_sqlite() {
                let stand = Stand::open(crate::world::postgres::Kind::Sqlite).await;
                story(&stand).await;
                stand.proves().await;
            }

            #[tokio::test]
            async fn on_postgres() {
                let stand = Stand::open(crate::world::postgres::Kind::Postgres).await;
                story(&stand).await;
                stand.proves().await;
            }
        }
    )+};
}
pub(crate) use stories;

fn shelf() -> [Plan; 3] {
    let words = |en, fa, ru| Words::from([(Lang::En, en), (Lang::Fa, fa), (Lang::Ru, ru)]);
    let titled = |code, titles| Plan { titles, ..plan(code, None) };
    [
        titled("m1", words("1 month, 30 GB", "یک ماهه، ۳۰ گیگ", "1 месяц, 30 ГБ")),
        Plan {
            days: 90, price: Money::new(400_000, Asset::Irt), ..titled("m3", words("3 months", "سه ماهه", "3 месяца"))
        },
        Plan { stock: Some(0), ..titled("last", words("Sold out", "تمام‌شده", "Распродан")) },
    ]
}

impl Stand {
    pub async fn open(kind: Kind) -> Self {
        let shop = Shop::open(kind).await;
        let clock = Clock::stopped_at(NOON);
        let time = clock.clone();
        let telegram = Telegram::new(Arc::new(move || time.now().unix())).with_bot_name("Souk", "souk_bot");
        let url = telegram.start().await.expect("it listens");
        for (id, name, lang) in [(LEILA, "لیلا", "fa"), (BORIS, "Борис", "ru"), (EVE, "Eve", "en")] {
            let (first_name, language_code) = (name.to_owned(), Some(lang.to_owned()));
            telegram.add_person(telegram::Person { id, first_name, language_code, ..telegram::Person::default() });
        }
        for (id, name) in [(OWNER.0, "Owner"), (CASHIER.0, "Cashier")] {
            telegram.add_person(telegram::Person { id, first_name: name.to_owned(), ..telegram::Person::default() });
        }
        let members = vec![OWNER.0, CASHIER.0, EVE];
        telegram.add_group(NewGroup { id: Some(GROUP), is_supergroup: false, members, ..NewGroup::default() });
        telegram.take_updates();
        let app = App {
            db: shop.db.clone(),
            clock,
            ids: Ids::seeded(5),
            seal: shop.seal.clone(),
            telegram: teloxide::Bot::new("42:sim").set_api_url(url.parse().expect("a url")),
            owner: "stand".into(),
            owners: [OWNER].into(),
            admin_chat: Some(ChatId(GROUP)),
            stored: Stored::already(),
            public_url: Some("https://shop.example".into()),
        };
        let stand = Self { bot: Bot::new(app.clone(), Some("souk_bot")), shop, telegram, app };
        stand.furnish().await;
        stand
    }

    async fn furnish(&self) {
        let written = self.app.write::<_, Fault, _>(|tx| {
            Box::pin(async move {
                for (place, plan) in (1..).zip(shelf()) {
                    catalog::put_plan(tx, &plan, place, false).await?;
                }
                let mut wanted = settings::load(tx).await?;
                "Souk".clone_into(&mut wanted.shop_name);
                "@souk_help".clone_into(&mut wanted.support_contact);
                "m1".clone_into(&mut wanted.trial_plan);
                wanted.trial_after_minutes = 0;
                settings::save(tx, &wanted).await.map(drop)
            })
        });
        written.await.expect("it is furnished");
        self.app.db.forget_cached();
    }

    pub fn person(&self, id: i64) -> Actor {
        self.telegram.person(id)
    }

    /// Hands over all that people did, in order, until there is nothing more.
    pub async fn settle(&self) {
        loop {
            let updates = self.telegram.take_updates();
            if updates.is_empty() {
                return;
            }
            for update in updates {
                self.hand(&update).await.expect("the bot handles it");
            }
        }
    }

    /// Hands over one update.
    pub async fn hand(&self, update: &serde_json::Value) -> Result<(), Fault> {
        let id = update["update_id"].as_i64().expect("an update has an id");
        self.bot.update(UpdateId(id), &update.to_string(), &Stored::already()).await
    }

    pub async fn says(&self, who: i64, text: &str) {
        self.person(who).says(text).expect("it can be said");
        self.settle().await;
    }

    pub async fn photo(&self, who: i64, key: &str) {
        self.person(who).sends_photo(&Upload::new(key.to_owned()), "").expect("it can be sent");
        self.settle().await;
    }

    /// Taps what has this label or data, in the newest message that has it.
    pub async fn taps(&self, who: i64, label: &str) -> Pressed {
        let pressed = self.person(who).taps(label).expect("it can be tapped");
        self.settle().await;
        pressed
    }

    /// Taps the button whose words are this text in the person's language, whatever its icon.
    pub async fn taps_key(&self, who: i64, lang: Lang, key: &'static str) -> Pressed {
        let words = t(lang, key);
        let last = self.last(who);
        let label = last.labels().into_iter().find(|label| label.ends_with(words)).map(str::to_owned);
        let label = label.unwrap_or_else(|| panic!("no «{words}» in {:?}", last.labels()));
        self.taps(who, &label).await
    }

    /// The newest message of the bot in the person's chat.
    pub fn last(&self, who: i64) -> SeenMessage {
        self.person(who).last().expect("the bot has said something")
    }

    pub fn toast(&self, who: i64) -> String {
        self.person(who).toasts().last().map(|toast| toast.text.clone()).unwrap_or_default()
    }

    /// Makes the person known, with a language, at home.
    pub async fn welcome(&self, who: i64, lang: Lang) {
        self.person(who).starts("").expect("it can be started");
        self.settle().await;
        self.taps(who, &format!("1cls.{lang}")).await;
    }

    /// From home to the card's details of the plan `m1`, in the person's language.
    pub async fn orders(&self, who: i64, lang: Lang) {
        self.taps_key(who, lang, "button-buy").await;
        self.taps(who, "1cp.m1").await;
        self.taps_key(who, lang, "button-order").await;
        self.taps_key(who, lang, "button-pay").await;
    }

    pub async fn known(&self, who: i64) -> Option<Person> {
        accounts::person(self.app.db.read(), PersonId(who)).await.expect("it reads")
    }

    pub async fn count(&self, sql: &str) -> i64 {
        db::scalar(self.app.db.read(), sql, vec![]).await.expect("it counts").unwrap_or_default()
    }

    pub fn now(&self) -> Time {
        self.app.clock.now()
    }

    /// What must hold after every story: every call of ours was one that Telegram takes, and the books are right.
    pub async fn proves(&self) {
        for call in self.telegram.calls() {
            let said = call.answer["description"].as_str().unwrap_or_default();
            let known =
                ["not modified", "can't be edited", "too old", "thread not found"].iter().any(|words| said.contains(words));
            let expected = [200, 403, 429, 502].contains(&call.code) || known;
            assert!(expected, "{} was refused: {}", call.method, call.answer);
        }
        self.shop.proves().await;
    }
}
