//! Customers who buy, and admins who decide: what people do, one step after the other, each waiting for its answer.
use crate::agents::Doubtful;
use crate::watch::Watch;
use crate::world::{GROUP, Message};
use anyhow::Context;
use serde_json::json;
use souk::base::Lang;
use souk::base::texts::t;
use std::collections::HashSet;
use std::io::Cursor;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, watch};

/// How long a step may take, through kills and waits that Telegram asks for.
pub const PATIENCE: Duration = Duration::from_secs(150);

/// A category, a location, a plan and a panel of the load's shop file: the panel takes no new accounts.
pub const NOWHERE: &str = "nowhere";

/// Numbers that look random and come again with the same seed.
#[derive(Clone)]
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub fn below(&mut self, end: u64) -> u64 {
        self.next() % end.max(1)
    }

    pub fn ms(&mut self, least: u64, most: u64) -> Duration {
        Duration::from_millis(least + self.below(most.saturating_sub(least) + 1))
    }

    pub fn pick<'a, T>(&mut self, list: &'a [T]) -> Option<&'a T> {
        let index = usize::try_from(self.next() % (1 << 32)).ok()? % list.len().max(1);
        list.get(index)
    }
}

/// Somebody's hand on the telephone.
pub struct Hand {
    pub id: i64,
    pub watch: Arc<Watch>,
    pub dice: Dice,
    /// The longest pause before a tap.
    pub pause_ms: u64,
}

/// Whether a button's data begins so; of the ways to pay an order, only the one by card is meant, and nobody is led by chance
/// to what cannot be delivered. A prefix without a dot is the whole.
pub fn is_meant(data: &str, prefix: &str) -> bool {
    match prefix {
        "1cpp." => data.starts_with(prefix) && data.rsplit('.').next() == Some("m"),
        "1ckl." | "1ckp." | "1cp." => data.starts_with(prefix) && !data.contains(NOWHERE),
        _ if prefix.contains('.') => data.starts_with(prefix),
        _ => data == prefix,
    }
}

/// The newest message that has a button whose data begins so, and the data of all such buttons.
fn buttons(messages: &[Message], prefix: &str) -> Option<(i64, Vec<String>)> {
    messages.iter().rev().filter(|message| message.is_from_bot).find_map(|message| {
        let found: Vec<String> = message.data().filter(|data| is_meant(data, prefix)).map(str::to_owned).collect();
        (!found.is_empty()).then_some((message.id, found))
    })
}

impl Hand {
    /// From /start to the QR code of a first service.
    pub async fn buys(mut self) -> anyhow::Result<()> {
        self.begins("").await?;
        for step in ["1ck", "1ckl.", "1ckp.", "1cp.", "1cpc.", "1cpp."] {
            self.tap(step).await?;
        }
        let payment = self.awaits_payment("").await?;
        self.sends_receipt(&payment).await?;
        let link =
            |messages: &[Message]| messages.iter().find(|message| message.is_from_bot && message.media.is_some()).map(drop);
        self.watch.until(self.id, "the QR code of the service", PATIENCE * 2, link).await
    }

    /// Comes by a link, or by none, and chooses a language.
    pub async fn begins(&mut self, payload: &str) -> anyhow::Result<()> {
        let language = *self.dice.pick(&["en", "fa", "ru"]).context("there are languages")?;
        self.watch.world.add_person(self.id, language).await?;
        self.rest().await;
        self.watch.world.post("/sim/start", &json!({ "person": self.id, "payload": payload })).await?;
        let choice = if payload.is_empty() { "1cls" } else { "1clp" };
        self.tap(&format!("{choice}.{language}")).await.map(drop)
    }

    /// The payment that the newest screen asks for, and that is not this one.
    pub async fn awaits_payment(&self, but: &str) -> anyhow::Result<String> {
        let asked = |messages: &[Message]| {
            let (_, found) = buttons(messages, "1cys.")?;
            found.into_iter().filter_map(|data| data.strip_prefix("1cys.").map(str::to_owned)).find(|payment| payment != but)
        };
        self.watch.until(self.id, "a payment to make", PATIENCE, asked).await
    }

    /// Sends a picture, and waits until it was taken.
    pub async fn sends_receipt(&mut self, payment: &str) -> anyhow::Result<()> {
        self.rest().await;
        let photo = self.watch.world.photo(self.id, noise(self.dice.next())?).await?;
        let wanted = format!("1cy.{payment}");
        let answered = |messages: &[Message]| {
            let mut newer = messages.iter().filter(|message| message.is_from_bot && message.id > photo);
            newer.find(|message| message.data().any(|data| data == wanted)).map(drop)
        };
        self.watch.until(self.id, "the answer to the receipt", PATIENCE, answered).await
    }

    pub async fn says(&mut self, text: &str) -> anyhow::Result<()> {
        self.rest().await;
        self.watch.world.post("/sim/act", &json!({ "person": self.id, "act": "say", "text": text })).await.map(drop)
    }

    /// Answers once the screen is there that has such a button beside its question.
    pub async fn says_when_asked(&mut self, beside: &str, text: &str) -> anyhow::Result<()> {
        self.watch.until(self.id, beside, PATIENCE, |messages| buttons(messages, beside)).await?;
        self.says(text).await
    }

    async fn rest(&mut self) {
        let pause = self.dice.ms(0, self.pause_ms);
        tokio::time::sleep(pause).await;
    }

    /// Taps one of the buttons that begin so, once they are there; what it meant.
    pub async fn tap(&mut self, prefix: &str) -> anyhow::Result<String> {
        let (message, found) = self.watch.until(self.id, prefix, PATIENCE, |messages| buttons(messages, prefix)).await?;
        self.rest().await;
        let data = self.dice.pick(&found).context("there is a choice")?;
        press(&self.watch, self.id, self.id, message, data).await?;
        Ok(data.clone())
    }
}

pub async fn press(watch: &Watch, person: i64, chat: i64, message: i64, data: &str) -> anyhow::Result<()> {
    let act = json!({ "person": person, "chat": chat, "message": message, "button": data });
    watch.world.post("/sim/press", &act).await.map(drop)
}

/// The message of the group that has this button, once there is one: a card, or what the clock offers.
pub async fn in_group(watch: &Watch, data: &str) -> anyhow::Result<i64> {
    Ok(found_in_group(watch, data, |there| there == data).await?.0)
}

/// The newest message of the group with buttons whose data begins so, and the data of each.
pub async fn in_group_where(watch: &Watch, prefix: &str) -> anyhow::Result<(i64, Vec<String>)> {
    found_in_group(watch, prefix, |there| there.starts_with(prefix)).await
}

async fn found_in_group(watch: &Watch, what: &str, is_it: impl Fn(&str) -> bool) -> anyhow::Result<(i64, Vec<String>)> {
    let deadline = tokio::time::Instant::now() + PATIENCE * 2;
    loop {
        let seen = watch.world.messages(GROUP, 0, usize::MAX).await?.messages;
        for message in seen.iter().rev() {
            let data: Vec<String> = message.data().filter(|there| is_it(there)).map(str::to_owned).collect();
            if !data.is_empty() {
                return Ok((message.id, data));
            }
        }
        anyhow::ensure!(tokio::time::Instant::now() < deadline, "the group waited in vain for {what}");
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

/// A picture that is like no other.
pub fn noise(seed: u64) -> anyhow::Result<Vec<u8>> {
    let mut dice = Dice::new(seed);
    let picture = image::GrayImage::from_fn(48, 48, |_, _| image::Luma([u8::try_from(dice.below(256)).unwrap_or(0)]));
    let mut png = Cursor::new(Vec::new());
    picture.write_to(&mut png, image::ImageFormat::Png)?;
    Ok(png.into_inner())
}

const APPROVE: &str = "1apa.";

/// Approves every card that appears in the group but those that are doubtful, once, shared among some admins; ends when
/// `enough` were approved or at `stop`. Says what got no answer.
pub async fn approve_all(
    watch: &Watch,
    admins: &[i64],
    (enough, doubtful): (usize, &Doubtful),
    stop: watch::Receiver<bool>,
) -> Vec<String> {
    let (desks, cards): (Vec<_>, Vec<_>) = admins.iter().map(|_| mpsc::unbounded_channel()).unzip();
    let deal = async move {
        let (mut since, mut seen) = (0, HashSet::new());
        while seen.len() < enough && !*stop.borrow() {
            if let Ok(news) = watch.world.messages(GROUP, since, usize::MAX).await {
                since = news.change;
                for (message, data) in news.messages.iter().flat_map(|news| news.data().map(|data| (news.id, data))) {
                    let Some(payment) = data.strip_prefix(APPROVE) else { continue };
                    if !doubtful.has(payment) && seen.insert(data.to_owned()) {
                        drop(desks[seen.len() % desks.len()].send((message, data.to_owned())));
                    }
                }
            }
            watch.change(GROUP).await;
        }
    };
    let work = admins.iter().zip(cards).map(|(admin, cards)| approve(watch, *admin, cards));
    let ((), told) = futures::join!(deal, futures::future::join_all(work));
    told.into_iter().flatten().collect()
}

async fn approve(watch: &Watch, admin: i64, mut cards: mpsc::UnboundedReceiver<(i64, String)>) -> Vec<String> {
    let mut told = Vec::new();
    while let Some((message, data)) = cards.recv().await {
        if let Err(error) = press(watch, admin, GROUP, message, &data).await {
            told.push(format!("admin {admin} could not approve: {error}"));
            continue;
        }
        if let Err(error) = decided(watch, message, &data).await {
            told.push(format!("admin {admin}: {error}"));
        }
    }
    told
}

/// Waits until a customer reads that his payment was approved.
pub async fn reads_approval(hand: &Hand) -> anyhow::Result<()> {
    let words = Lang::ALL.map(|lang| t(lang, "notice-approved").trim_start_matches("<b>").trim_end_matches("</b>"));
    let told =
        |messages: &[Message]| messages.iter().find(|message| words.iter().any(|words| message.text.contains(words))).map(drop);
    hand.watch.until(hand.id, "the word that the payment is approved", PATIENCE * 2, told).await
}

/// Waits until the card of the group no longer asks.
pub async fn decided(watch: &Watch, message: i64, data: &str) -> anyhow::Result<()> {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    let mut since = 0;
    let mut asks = true;
    while asks {
        let news = watch.world.messages(GROUP, since, usize::MAX).await?;
        since = news.change;
        if let Some(card) = news.messages.iter().find(|news| news.id == message) {
            asks = card.data().any(|there| there == data);
        }
        if asks {
            anyhow::ensure!(tokio::time::Instant::now() < deadline, "the card with {data} got no answer in {PATIENCE:?}");
            watch.change(GROUP).await;
        }
    }
    Ok(())
}
