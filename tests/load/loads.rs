//! The loads: who says what, when, and how long the answers took.
use crate::contestants::{ADMINS, Kind, Stage};
use crate::people::{is_meant, noise};
use crate::process::Bot;
use crate::world::{GROUP, Message};
use anyhow::bail;
use futures::future::try_join_all;
use futures::stream::{self, StreamExt, TryStreamExt};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::time::Duration;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep};

/// How long all answers may take before those that are missing count as missing.
const PATIENCE: Duration = Duration::from_secs(90);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Load {
    /// One person, ten updates a second.
    OnePerson,
    /// 200 updates a second, of 200 people.
    Paced,
    /// So many at once, each of another person.
    AtOnce(usize),
    /// 10,000 at once, of 1,000 people.
    Crowd,
}

impl Load {
    pub const ALL: [Self; 5] = [Self::OnePerson, Self::Paced, Self::AtOnce(200), Self::AtOnce(2_000), Self::Crowd];

    pub fn people(self) -> usize {
        match self {
            Self::OnePerson => 1,
            Self::Paced => 200,
            Self::AtOnce(count) => count,
            Self::Crowd => 1_000,
        }
    }

    fn rounds(self) -> usize {
        if self == Self::Crowd { 10 } else { 1 }
    }

    /// In how many pieces, each with its own percentiles, it comes. A hundredth of five seconds is ten answers, and one pause of the
    /// machine's is all of them: the median of five says how it usually is.
    pub fn pieces(self, kind: Kind) -> usize {
        if self == Self::Paced && kind != Kind::Purchase { 5 } else { 1 }
    }
}

/// What the world measured.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
pub struct Report {
    pub answered: u64,
    pub waiting: u64,
    pub p50_us: u64,
    pub p99_us: u64,
    pub max_us: u64,
}

/// How a load went.
#[derive(Debug, Clone, Copy, Default)]
pub struct Outcome {
    pub updates: u64,
    pub missing: u64,
    /// From the moment when they could be had to the last answer; of a paced load, nothing.
    pub took_us: u64,
    pub p50_us: u64,
    pub p99_us: u64,
    pub cpu_ms: u64,
}

impl Outcome {
    /// Of pieces of one load: all of their updates, and the medians of their percentiles.
    pub fn of(pieces: &[Self]) -> Self {
        let sum = |of: fn(&Self) -> u64| pieces.iter().map(of).sum();
        let median = |of: fn(&Self) -> u64| {
            let mut all: Vec<u64> = pieces.iter().map(of).collect();
            all.sort_unstable();
            all.get(all.len() / 2).copied().unwrap_or_default()
        };
        Self {
            updates: sum(|piece| piece.updates),
            missing: sum(|piece| piece.missing),
            took_us: sum(|piece| piece.took_us),
            p50_us: median(|piece| piece.p50_us),
            p99_us: median(|piece| piece.p99_us),
            cpu_ms: sum(|piece| piece.cpu_ms),
        }
    }

    /// Joins a step of a purchase to those before it, and says how long it took.
    fn step(&mut self, name: &str, next: Self) {
        println!("    {name:24} {:4} ms for {}", next.took_us / 1_000, next.updates);
        self.updates += next.updates;
        self.missing += next.missing;
        self.took_us += next.took_us;
        self.p50_us = self.p50_us.max(next.p50_us);
        self.p99_us = self.p99_us.max(next.p99_us);
        self.cpu_ms += next.cpu_ms;
    }
}

/// Somebody, and the message under the thumb.
#[derive(Debug, Clone, Copy)]
pub struct Person {
    pub id: i64,
    pub screen: i64,
}

fn said(person: i64, text: &str) -> Value {
    let who = json!({ "id": person, "is_bot": false, "first_name": "P", "language_code": "en" });
    let chat = json!({ "id": person, "type": "private", "first_name": "P" });
    let length = text.len();
    let entities =
        if text.starts_with('/') { json!([{ "type": "bot_command", "offset": 0, "length": length }]) } else { json!([]) };
    json!({ "message": { "message_id": 1, "date": 0, "from": who, "chat": chat, "text": text, "entities": entities } })
}

fn tapped(person: &Person, data: &str) -> Value {
    json!({ "act": "press_old", "person": person.id, "message": person.screen, "data": data })
}

/// One thing that each of some people does once.
enum Deed<'a> {
    Inject(Vec<Value>),
    Act(Vec<Value>),
    Photos(&'a [Person]),
}

impl Stage {
    pub async fn report(&self) -> anyhow::Result<Report> {
        Ok(serde_json::from_value(self.world.get("/sim/latency").await?)?)
    }

    async fn do_it(&self, deed: Deed<'_>) -> anyhow::Result<()> {
        match deed {
            Deed::Inject(updates) => self.world.post("/sim/inject", &updates.into()).await.map(drop),
            Deed::Act(acts) => {
                let done = self.world.post("/sim/act", &acts.into()).await?;
                match done.as_array().and_then(|done| done.iter().find(|one| one.get("error").is_some())) {
                    Some(error) => bail!("the world refuses an act: {error}"),
                    None => Ok(()),
                }
            }
            Deed::Photos(people) => {
                let sent = people.iter().map(|person| async {
                    let seed = u64::try_from(person.id).unwrap_or(0);
                    self.world.photo(person.id, noise(seed)?).await
                });
                stream::iter(sent).buffer_unordered(16).try_for_each(|_| async { Ok(()) }).await
            }
        }
    }

    /// Makes updates while the bot is held still, lets it go, and waits for all answers.
    async fn at_once(&self, bot: &Bot, count: usize, deed: Deed<'_>) -> anyhow::Result<Outcome> {
        bot.hold().await?;
        self.world.settings(json!({ "latency": true })).await?;
        let made = self.do_it(deed).await;
        self.world.settings(json!({ "latency_now": true })).await?;
        let cpu = bot.cpu()?;
        bot.go_on().await?;
        made?;
        let report = self.answers(count).await?;
        Ok(Outcome { took_us: report.max_us, ..outcome(count, report, cpu, bot)? })
    }

    async fn answers(&self, count: usize) -> anyhow::Result<Report> {
        let (wanted, deadline) = (u64::try_from(count)?, Instant::now() + PATIENCE);
        loop {
            let report = self.report().await?;
            if report.answered >= wanted || Instant::now() > deadline {
                return Ok(report);
            }
            sleep(Duration::from_millis(60)).await;
        }
    }

    /// Makes people known to the shop, each with a screen to tap on.
    pub async fn meet(&self, first: i64, count: usize) -> anyhow::Result<Vec<Person>> {
        let ids: Vec<i64> = (first..).take(count).collect();
        let people: Vec<Person> = ids.iter().map(|id| Person { id: *id, screen: 0 }).collect();
        if !self.who.is_shop() {
            return Ok(people);
        }
        self.said_by_all(&people, "/start").await?;
        let people = self.screens(&people).await?;
        self.world.settings(json!({ "latency": true })).await?;
        self.do_it(Deed::Act(people.iter().map(|person| tapped(person, "1cls.en")).collect())).await?;
        self.answers(people.len()).await?;
        Ok(people)
    }

    async fn said_by_all(&self, people: &[Person], text: &str) -> anyhow::Result<()> {
        self.world.settings(json!({ "latency": true })).await?;
        self.do_it(Deed::Inject(people.iter().map(|person| said(person.id, text)).collect())).await?;
        let report = self.answers(people.len()).await?;
        anyhow::ensure!(report.waiting == 0, "{} of {} got no answer to {text}", report.waiting, people.len());
        Ok(())
    }

    async fn newest(&self, person: i64) -> anyhow::Result<Vec<Message>> {
        Ok(self.world.messages(person, 0, 4).await?.messages)
    }

    /// What is found among somebody's newest messages, once it is there: a bot may be slower than a person's pause.
    async fn seen<T>(&self, person: i64, what: &str, find: impl Fn(&[Message]) -> Option<T>) -> anyhow::Result<T> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(found) = find(&self.newest(person).await?) {
                return Ok(found);
            }
            anyhow::ensure!(Instant::now() < deadline, "{person} has no {what}");
            sleep(Duration::from_millis(10)).await;
        }
    }

    /// The newest message of the bot to each of them.
    async fn screens(&self, people: &[Person]) -> anyhow::Result<Vec<Person>> {
        let newest = |messages: &[Message]| messages.iter().rev().find(|message| message.is_from_bot).map(|message| message.id);
        let found = people.iter().map(|person| async move {
            let screen = self.seen(person.id, "screen", newest).await?;
            Ok::<_, anyhow::Error>(Person { screen, ..*person })
        });
        stream::iter(found).buffered(16).try_collect().await
    }

    /// The data of the first button that begins so, for each of them.
    async fn buttons(&self, people: &[Person], prefix: &str) -> anyhow::Result<Vec<String>> {
        let first = |messages: &[Message]| {
            let mut all = messages.iter().rev().flat_map(Message::data);
            all.find(|data| is_meant(data, prefix)).map(str::to_owned)
        };
        let found = people.iter().map(|person| self.seen(person.id, prefix, first));
        stream::iter(found).buffered(16).try_collect().await
    }

    /// Plays a load; `first` is the first of the ids that nobody has yet.
    pub async fn play(&self, bot: &Bot, kind: Kind, load: Load, first: i64) -> anyhow::Result<Outcome> {
        if kind == Kind::Purchase {
            let cpu = bot.cpu()?;
            let outcome = self.purchases(bot, load, first).await?;
            bot.rest(PATIENCE).await?;
            return Ok(Outcome { cpu_ms: millis(bot.cpu()?.saturating_sub(cpu))?, ..outcome });
        }
        let people = self.meet(first, load.people()).await?;
        match load {
            Load::OnePerson | Load::Paced => self.paced(bot, kind, load, &people).await,
            Load::AtOnce(_) | Load::Crowd => {
                let deed = Self::many(kind, &people, load.rounds());
                self.at_once(bot, people.len() * load.rounds(), deed).await
            }
        }
    }

    fn many(kind: Kind, people: &[Person], rounds: usize) -> Deed<'static> {
        let each = |what: &dyn Fn(usize, &Person) -> Value| {
            (0..rounds).flat_map(|round| people.iter().map(move |person| (round, person))).map(|(r, p)| what(r, p)).collect()
        };
        match kind {
            Kind::Menus => Deed::Act(each(&|round, person| tapped(person, menu(round)))),
            Kind::Start => Deed::Inject(each(&|_, person| said(person.id, "/start"))),
            Kind::Echo | Kind::Purchase => Deed::Inject(each(&|round, person| said(person.id, &format!("word {round}")))),
        }
    }

    async fn paced(&self, bot: &Bot, kind: Kind, load: Load, people: &[Person]) -> anyhow::Result<Outcome> {
        let (count, every_ms) = if load == Load::OnePerson { (60, 100) } else { (1_000, 5) };
        self.world.settings(json!({ "latency": true })).await?;
        let cpu = bot.cpu()?;
        let mut beat = interval(Duration::from_millis(every_ms));
        beat.set_missed_tick_behavior(MissedTickBehavior::Burst);
        for number in 0..count {
            beat.tick().await;
            let person = std::slice::from_ref(&people[number % people.len()]);
            let deed = match Self::many(kind, person, 1) {
                Deed::Act(_) => Deed::Act(vec![tapped(&person[0], menu(number / people.len()))]),
                deed => deed,
            };
            self.do_it(deed).await?;
        }
        let report = self.answers(count).await?;
        outcome(count, report, cpu, bot)
    }

    /// Purchases, one step of all people after the other; paced ones a person at a time.
    async fn purchases(&self, bot: &Bot, load: Load, first: i64) -> anyhow::Result<Outcome> {
        let (people, every_ms) = match load {
            Load::OnePerson => (6, 1_000),
            Load::Paced => (100, 50),
            Load::AtOnce(_) | Load::Crowd => (load.people(), 0),
        };
        let people: Vec<Person> = (first..).take(people).map(|id| Person { id, screen: 0 }).collect();
        if every_ms == 0 {
            return self.sales(bot, people).await;
        }
        self.world.settings(json!({ "latency": true })).await?;
        let (cpu, count) = (bot.cpu()?, people.len() * STEPS);
        let begun = Instant::now();
        // Ten updates each, spread over a second.
        let sales = people.iter().zip(0_u64..).map(|(person, number)| async move {
            tokio::time::sleep_until(begun + Duration::from_millis(every_ms * number)).await;
            self.sale(*person).await
        });
        try_join_all(sales).await?;
        let report = self.answers(count).await?;
        outcome(count, report, cpu, bot)
    }

    /// One person's purchase at a human's pace.
    async fn sale(&self, person: Person) -> anyhow::Result<()> {
        let pause = || sleep(Duration::from_millis(100));
        self.do_it(Deed::Inject(vec![said(person.id, "/start")])).await?;
        pause().await;
        let person = self.screens(&[person]).await?[0];
        for data in TAPS {
            self.do_it(Deed::Act(vec![tapped(&person, data)])).await?;
            pause().await;
        }
        let place = self.buttons(&[person], "1cpp.").await?;
        self.do_it(Deed::Act(vec![tapped(&person, &place[0])])).await?;
        pause().await;
        let payment = self.buttons(&[person], "1cys.").await?;
        self.do_it(Deed::Photos(&[person])).await?;
        pause().await;
        // The card is posted by a job, and the admin sees it in the group.
        let wanted = payment[0].replace("1cys.", APPROVE);
        let mut cards = HashMap::new();
        while !cards.contains_key(&wanted) {
            pause().await;
            cards = self.cards(1).await?;
        }
        let admin = ADMINS[usize::try_from(person.id)? % ADMINS.len()];
        self.do_it(Deed::Act(vec![approval(admin, &payment[0], &cards)])).await
    }

    /// One update of one person, made now.
    pub async fn hail(&self, person: i64) -> anyhow::Result<()> {
        self.do_it(Deed::Inject(vec![said(person, "/start")])).await
    }

    /// The cards that are in the group, once no more come: data of the button, and message.
    async fn cards(&self, wanted: usize) -> anyhow::Result<HashMap<String, i64>> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let seen = self.world.messages(GROUP, 0, usize::MAX).await?.messages;
            let cards = seen.iter().flat_map(|card| card.data().map(|data| (data.to_owned(), card.id)));
            let cards: HashMap<_, _> = cards.filter(|(data, _)| data.starts_with(APPROVE)).collect();
            if cards.len() >= wanted || Instant::now() > deadline {
                return Ok(cards);
            }
            sleep(Duration::from_millis(200)).await;
        }
    }

    /// All payments approved at once, by some admins. The group is where jobs draw cards too, so what counts is the tap's
    /// own answer.
    async fn approvals(&self, bot: &Bot, payments: &[String]) -> anyhow::Result<Outcome> {
        let cards = self.cards(payments.len()).await?;
        let acts = payments.iter().zip(ADMINS.iter().cycle()).map(|(payment, admin)| approval(*admin, payment, &cards));
        bot.hold().await?;
        self.do_it(Deed::Act(acts.collect())).await?;
        let before = self.world.counter("presses_answered").await?;
        let (cpu, begun) = (bot.cpu()?, Instant::now());
        bot.go_on().await?;
        let wanted = u64::try_from(payments.len())?;
        let mut answered = 0;
        while answered < wanted && begun.elapsed() < PATIENCE {
            sleep(Duration::from_millis(20)).await;
            answered = self.world.counter("presses_answered").await? - before;
        }
        let took_us = u64::try_from(begun.elapsed().as_micros())?;
        let report = Report { answered, ..Report::default() };
        Ok(Outcome { took_us, ..outcome(payments.len(), report, cpu, bot)? })
    }

    async fn sales(&self, bot: &Bot, people: Vec<Person>) -> anyhow::Result<Outcome> {
        let count = people.len();
        let starts = Deed::Inject(people.iter().map(|person| said(person.id, "/start")).collect());
        let mut whole = Outcome::default();
        whole.step("/start", self.at_once(bot, count, starts).await?);
        let people = self.screens(&people).await?;
        for data in TAPS {
            let deed = Deed::Act(people.iter().map(|person| tapped(person, data)).collect());
            whole.step(data, self.at_once(bot, count, deed).await?);
        }
        let places = self.buttons(&people, "1cpp.").await?;
        let deed = Deed::Act(people.iter().zip(&places).map(|(person, data)| tapped(person, data)).collect());
        whole.step("place", self.at_once(bot, count, deed).await?);
        let payments = self.buttons(&people, "1cys.").await?;
        whole.step("receipt", self.at_once(bot, count, Deed::Photos(&people)).await?);
        whole.step("approval", self.approvals(bot, &payments).await?);
        Ok(whole)
    }
}

/// Updates of one purchase.
const STEPS: usize = 10;
/// The taps of a purchase whose data is known beforehand.
const TAPS: [&str; 6] = ["1cls.en", "1ck", "1ckl.dynamic", "1ckp.dynamic.abroad.0", "1cp.any-1m-30", "1cpc.any-1m-30"];

fn menu(round: usize) -> &'static str {
    if round.is_multiple_of(2) { "1ckl.dynamic" } else { "1ckp.dynamic.abroad.0" }
}

const APPROVE: &str = "1apa.";

fn approval(admin: i64, payment: &str, cards: &HashMap<String, i64>) -> Value {
    let data = payment.replace("1cys.", APPROVE);
    json!({ "act": "press_old", "person": admin, "chat": GROUP, "message": cards.get(&data).unwrap_or(&0), "data": data })
}

fn millis(time: Duration) -> anyhow::Result<u64> {
    Ok(u64::try_from(time.as_millis())?)
}

fn outcome(count: usize, report: Report, cpu: Duration, bot: &Bot) -> anyhow::Result<Outcome> {
    let updates = u64::try_from(count)?;
    Ok(Outcome {
        updates,
        missing: updates.saturating_sub(report.answered),
        took_us: 0,
        p50_us: report.p50_us,
        p99_us: report.p99_us,
        cpu_ms: millis(bot.cpu()?.saturating_sub(cpu))?,
    })
}
