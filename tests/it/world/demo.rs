//! The demo as a stranger starts it: the real binary, in a process and a folder of its own, on free ports.

use std::fs;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use souk::base::Lang;
use souk::base::texts::t;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use super::browser::Browser;

const START_MAX: Duration = Duration::from_secs(30);
const STOP_MAX: Duration = Duration::from_secs(10);
/// How long a person in front of the page would wait before giving up.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// The newest message of a column.
pub const NEWEST: &str = "[data-testid=message]:last-child";

/// Whose words the time in the corner lies on.
const COVERED: &str = r"
    const covered = [];
    for (const meta of document.querySelectorAll(arguments[0])) {
        const [box, words] = [meta.getBoundingClientRect(), document.createRange()];
        words.selectNodeContents(meta.parentElement);
        words.setEndBefore(meta.previousElementSibling);
        const over = (line) => line.right > box.left + 1 && line.left < box.right - 1 && line.bottom > box.top + 1 && line.top < box.bottom;
        if (box.width && [...words.getClientRects()].some(over)) covered.push(meta.parentElement.textContent);
    }
    return covered;
";

pub struct Demo {
    /// Killed when this is dropped; its shop goes with it.
    process: Child,
    /// Where the demo keeps what it forgets at its end.
    folder: PathBuf,
    pub url: String,
}

impl Demo {
    pub async fn open() -> Self {
        let folder = new_folder();
        let mut process = Command::new(env!("CARGO_BIN_EXE_souk"))
            .args(["demo", "--listen", "127.0.0.1:0"])
            .env("TMPDIR", &folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("the binary starts");
        let url = timeout(START_MAX, address(&mut process)).await.expect("the demo says its address in time");
        Self { process, folder, url }
    }

    /// Ends the demo as a service's manager would: SIGTERM. Answers with how it ended and what it left behind.
    pub async fn close(mut self) -> (ExitStatus, Vec<String>) {
        let id = self.process.id().expect("the demo runs").to_string();
        let told = Command::new("kill").args(["-TERM", &id]).status().await.expect("kill starts");
        assert!(told.success(), "the demo cannot be told to stop");
        let ended = timeout(STOP_MAX, self.process.wait()).await.expect("the demo stops in time").expect("it has a status");
        let left = fs::read_dir(&self.folder).expect("the demo's folder");
        (ended, left.map(|entry| entry.expect("a file").path().display().to_string()).collect())
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.folder));
    }
}

/// One column of the page: somebody in a chat, who reads one language. Words are named by their key in `locales`.
pub struct Column<'a> {
    pub browser: &'a Browser,
    pub number: u8,
    pub lang: Lang,
}

impl Column<'_> {
    pub fn part(&self, css: &str) -> String {
        format!("[data-testid='column-{}'] {css}", self.number)
    }

    /// Words as the page shows them: an entry without arguments, and without its bold.
    fn words(&self, key: &'static str) -> String {
        t(self.lang, key).replace("<b>", "").replace("</b>", "")
    }

    pub async fn clicks(&self, css: &str) {
        self.browser.click_when_there(&self.part(css), PATIENCE).await;
    }

    /// Taps the newest of the bot's buttons with this label, whatever icon stands before it.
    pub async fn taps(&self, key: &'static str) {
        self.clicks(&format!(".keyboard button[data-label$='{}']", self.words(key))).await;
    }

    /// Taps the newest of the bot's buttons whose label holds these very words.
    pub async fn picks(&self, words: &str) {
        self.clicks(&format!(".keyboard button[data-label*='{words}']")).await;
    }

    pub async fn says(&self, text: &str) {
        let field = self.browser.find(&self.part("[data-testid=input]")).await;
        self.browser.write(&field, text).await;
        self.clicks("[data-testid=send]").await;
    }

    /// Waits until some message says this; others may have come after it.
    pub async fn has_seen(&self, key: &'static str) {
        self.sees_words(&self.words(key)).await;
    }

    /// Waits until some message holds these very words.
    pub async fn sees_words(&self, words: &str) {
        self.browser.wait_for_text(&self.part(".list"), words, PATIENCE).await;
    }

    /// Waits until the newest message says this.
    pub async fn sees(&self, key: &'static str) {
        self.browser.wait_for_text(&self.part(NEWEST), &self.words(key), PATIENCE).await;
    }

    /// From the shelf to the invitation to send a receipt.
    pub async fn orders(&self, shelf: [&str; 3]) {
        for choice in shelf {
            self.picks(choice).await;
        }
        self.taps("button-order").await;
        self.taps("button-pay").await;
        self.asks_to_send_a_receipt().await;
    }

    pub async fn asks_to_send_a_receipt(&self) {
        self.sees("pay-exact").await;
        self.taps("button-receipt").await;
        self.sees("button-back").await;
    }

    /// Chooses a chat, or who speaks, at the head of the column.
    pub async fn chooses(&self, picker: &str, id: i64) {
        self.clicks(&format!("[data-testid={picker}] option[value='{id}']")).await;
    }

    /// What the column shows here, as soon as it shows something.
    pub async fn text_of(&self, css: &str) -> String {
        self.browser.text_when_there(&self.part(css), PATIENCE).await
    }

    /// How often these very words stand in a message of the bot.
    pub async fn times_said(&self, words: &str) -> usize {
        let texts = "return [...document.querySelectorAll(arguments[0])].map((text) => text.textContent)";
        let css = self.part("[data-testid=message][data-from=bot] .text");
        let texts = self.browser.script(texts, &[css.into()]).await;
        let texts = texts.as_array().expect("a list of texts");
        texts.iter().filter(|text| text.as_str().is_some_and(|text| text.contains(words))).count()
    }

    /// No message of the column has its time above its words.
    pub async fn lets_all_words_be_read(&self) {
        let covered = self.browser.script(COVERED, &[self.part(".text .meta").into()]).await;
        assert_eq!(covered, serde_json::json!([]), "the time lies on words");
    }

    /// Sends the page's sample receipt, as it is offered.
    pub async fn sends_the_sample_receipt(&self) {
        self.clicks("[data-testid=attach]").await;
        self.browser.click_when_there("[data-testid=attach-receipt]", PATIENCE).await;
        self.browser.click_when_there("[data-testid=receipt-send]", PATIENCE).await;
    }
}

/// The drawer in which time and trouble are ordered.
pub struct Drawer<'a> {
    pub browser: &'a Browser,
}

impl Drawer<'_> {
    pub async fn clicks(&self, css: &str) {
        self.browser.click_when_there("[data-testid=drawer-open]", PATIENCE).await;
        self.browser.click_when_there(css, PATIENCE).await;
        self.browser.click_when_there("[data-testid=drawer-close]", PATIENCE).await;
    }
}

/// `The demo is open: http://127.0.0.1:41234/`; what it says later is let go.
async fn address(process: &mut Child) -> String {
    let mut lines = BufReader::new(process.stdout.take().expect("the demo's output")).lines();
    while let Some(line) = lines.next_line().await.expect("the demo's output is text") {
        if let Some((_, address)) = line.split_once("The demo is open: ") {
            let address = address.trim().to_owned();
            souk::base::task::spawn("what the demo says", async move { while let Ok(Some(_)) = lines.next_line().await {} });
            return address;
        }
    }
    panic!("the demo ended without an address");
}

fn new_folder() -> PathBuf {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("demo-{}-{number}", std::process::id()));
    drop(fs::remove_dir_all(&folder));
    fs::create_dir_all(&folder).expect("a folder for the demo");
    folder
}
