//! A real browser, spoken to by the WebDriver protocol: Chromium, headless, with a fresh profile, talking to nobody but
//! the page under test.
//!
//! `CHROMEDRIVER` and `CHROME` name the programs; Debian's are the default. Every call panics with what it was asked when
//! the browser refuses. Waiting is by asking again, since the page lives in another process and in real time.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use base64::Engine;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::time::{Instant, interval, timeout};

/// The name under which the protocol returns an element.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";
const ASK_AGAIN: Duration = Duration::from_millis(50);
const START_MAX: Duration = Duration::from_secs(30);

pub struct Browser {
    http: reqwest::Client,
    port: u16,
    session: String,
    profile: PathBuf,
    /// Killed when this is dropped.
    _driver: Child,
}

/// Something on the page; it is stale once the page has changed it.
#[derive(Debug, Clone)]
pub struct Element(String);

impl Browser {
    /// Starts a driver of its own on a free port and opens a window as wide as `width` and as high as `height`.
    pub async fn open(width: u32, height: u32) -> Self {
        let program = std::env::var("CHROMEDRIVER").unwrap_or_else(|_| "chromedriver".to_owned());
        let mut driver = Command::new(&program)
            .args(["--port=0", "--log-level=SEVERE"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap_or_else(|error| {
                panic!("{program} does not start ({error}); install Debian's chromium and chromium-driver, or set CHROME and CHROMEDRIVER")
            });
        let port = timeout(START_MAX, port_of(&mut driver)).await.expect("the driver says its port in time");
        #[expect(clippy::disallowed_methods, reason = "the driver is a test's tool, not a provider")]
        let http = reqwest::Client::builder().no_proxy().timeout(Duration::from_mins(1)).build().expect("an HTTP client");
        let profile = new_profile();
        let mut browser = Self { http, port, session: String::new(), profile, _driver: driver };
        let started = browser.call("POST", "/session", Some(browser.wishes(width, height))).await.expect("a session");
        started["sessionId"].as_str().expect("a session's id").clone_into(&mut browser.session);
        browser
    }

    fn wishes(&self, width: u32, height: u32) -> Value {
        let mut chrome = json!({ "args": [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--disable-dev-shm-usage",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--disable-default-apps",
            "--disable-extensions",
            "--no-first-run",
            "--no-proxy-server",
            "--hide-scrollbars",
            format!("--user-data-dir={}", self.profile.display()),
            format!("--window-size={width},{height}"),
        ]});
        if let Ok(program) = std::env::var("CHROME") {
            chrome["binary"] = program.into();
        }
        json!({ "capabilities": { "alwaysMatch": {
            "browserName": "chrome",
            "goog:chromeOptions": chrome,
            "timeouts": { "implicit": 0, "pageLoad": 30_000, "script": 30_000 },
        }}})
    }

    /// Shows pages from now on as a phone of this width and height does.
    pub async fn becomes_a_phone(&self, width: u32, height: u32) {
        let screen = json!({ "width": width, "height": height, "deviceScaleFactor": 2, "mobile": true });
        let order = json!({ "cmd": "Emulation.setDeviceMetricsOverride", "params": screen });
        self.must("POST", "/goog/cdp/execute", order).await;
    }

    pub async fn goto(&self, url: &str) {
        self.must("POST", "/url", json!({ "url": url })).await;
    }

    /// The first element that the selector finds now; panics when there is none.
    pub async fn find(&self, css: &str) -> Element {
        self.all(css).await.into_iter().next().unwrap_or_else(|| panic!("nothing on the page is «{css}»"))
    }

    /// Every element that the selector finds now.
    pub async fn all(&self, css: &str) -> Vec<Element> {
        let found = self.must("POST", "/elements", json!({ "using": "css selector", "value": css })).await;
        let id = |element: &Value| Element(element[ELEMENT].as_str().expect("an element's id").to_owned());
        found.as_array().expect("a list of elements").iter().map(id).collect()
    }

    /// Waits until the selector finds something.
    pub async fn wait_for(&self, css: &str, patience: Duration) -> Element {
        self.wait_until(patience, &format!("«{css}» is on the page"), async || self.all(css).await.into_iter().next()).await
    }

    /// Waits until something that the selector finds shows the text.
    pub async fn wait_for_text(&self, css: &str, text: &str, patience: Duration) -> Element {
        self.wait_until(patience, &format!("«{css}» says «{text}»"), async || {
            for element in self.all(css).await {
                if self.try_text(&element).await.is_some_and(|shown| shown.contains(text)) {
                    return Some(element);
                }
            }
            None
        })
        .await
    }

    async fn wait_until<T>(&self, patience: Duration, wish: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
        let deadline = Instant::now() + patience;
        let mut again = interval(ASK_AGAIN);
        loop {
            again.tick().await;
            if let Some(found) = look().await {
                return found;
            }
            if Instant::now() > deadline {
                let page = self.text(&self.find("body").await).await;
                panic!("not within {patience:?}: {wish}. The page says:\n{page}");
            }
        }
    }

    pub async fn click(&self, element: &Element) {
        self.must("POST", &format!("/element/{}/click", element.0), json!({})).await;
    }

    /// Clicks the last thing that the selector finds, as soon as it is there and nothing covers it.
    pub async fn click_when_there(&self, css: &str, patience: Duration) {
        self.wait_until(patience, &format!("«{css}» can be clicked"), async || {
            let element = self.all(css).await.pop()?;
            let path = format!("/session/{}/element/{}/click", self.session, element.0);
            self.call("POST", &path, Some(json!({}))).await.ok()
        })
        .await;
    }

    /// Types into a field; for a file's field the text is the file's path.
    pub async fn write(&self, element: &Element, text: &str) {
        self.must("POST", &format!("/element/{}/value", element.0), json!({ "text": text })).await;
    }

    /// Chooses a file in `<input type=file>`.
    pub async fn upload(&self, element: &Element, file: &Path) {
        let file = fs::canonicalize(file).expect("the file to upload exists");
        self.write(element, file.to_str().expect("a path in UTF-8")).await;
    }

    /// What a person sees of the element.
    pub async fn text(&self, element: &Element) -> String {
        self.try_text(element).await.expect("the element is still on the page")
    }

    /// What the first thing that the selector finds shows, as soon as it shows something: what fades in shows nothing at first.
    pub async fn text_when_there(&self, css: &str, patience: Duration) -> String {
        self.wait_until(patience, &format!("«{css}» shows something"), async || {
            let element = self.all(css).await.into_iter().next()?;
            self.try_text(&element).await.filter(|text| !text.is_empty())
        })
        .await
    }

    async fn try_text(&self, element: &Element) -> Option<String> {
        let path = format!("/session/{}/element/{}/text", self.session, element.0);
        self.call("GET", &path, None).await.ok()?.as_str().map(str::to_owned)
    }

    /// Runs JavaScript; `arguments` in it are `args`, and what it returns comes back.
    pub async fn script(&self, code: &str, args: &[Value]) -> Value {
        self.must("POST", "/execute/sync", json!({ "script": code, "args": args })).await
    }

    /// What the page's own server answers there, as JSON.
    pub async fn json(&self, path: &str) -> Value {
        self.script("return fetch(arguments[0]).then((answer) => answer.json())", &[path.into()]).await
    }

    /// Waits until the page's own server answers there with what is wished for; the answer.
    pub async fn json_until(&self, path: &str, patience: Duration, wish: impl Fn(&Value) -> bool) -> Value {
        self.wait_until(patience, &format!("{path} answers as wished"), async || Some(self.json(path).await).filter(&wish)).await
    }

    /// Waits until the selector finds nothing that is shown.
    pub async fn wait_for_none(&self, css: &str, patience: Duration) {
        let shown = "return [...document.querySelectorAll(arguments[0])].some((found) => found.getClientRects().length > 0)";
        self.wait_until(patience, &format!("«{css}» is not shown"), async || {
            (self.script(shown, &[css.into()]).await == false).then_some(())
        })
        .await;
    }

    /// Saves what the window shows as PNG.
    pub async fn screenshot(&self, file: &Path) {
        let path = format!("/session/{}/screenshot", self.session);
        let shot = self.call("GET", &path, None).await.expect("a screenshot");
        let png = base64::engine::general_purpose::STANDARD.decode(shot.as_str().expect("a picture")).expect("base64");
        fs::write(file, png).expect("the screenshot is saved");
    }

    async fn must(&self, method: &str, path: &str, body: Value) -> Value {
        let asked = body.to_string();
        let full = format!("/session/{}{path}", self.session);
        self.call(method, &full, Some(body)).await.unwrap_or_else(|refused| panic!("{method} {path} {asked}: {refused}"))
    }

    /// One call of the protocol; what the driver refuses is its own sentence.
    async fn call(&self, method: &str, path: &str, body: Option<Value>) -> Result<Value, String> {
        let method = reqwest::Method::from_bytes(method.as_bytes()).expect("a method");
        let mut request = self.http.request(method, format!("http://127.0.0.1:{}{path}", self.port));
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = request.send().await.map_err(|error| error.to_string())?;
        let good = answer.status().is_success();
        let mut answer: Value = answer.json().await.map_err(|error| error.to_string())?;
        let value = answer["value"].take();
        if good { Ok(value) } else { Err(value["message"].as_str().unwrap_or("no message").to_owned()) }
    }
}

impl Drop for Browser {
    /// Ends the session, so that Chromium goes before its driver; without a runtime, for a test that panicked has none to wait on.
    fn drop(&mut self) {
        if let Ok(mut driver) = TcpStream::connect(("127.0.0.1", self.port)) {
            let request = format!("DELETE /session/{} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n", self.session);
            // What cannot be ended here ends with the driver.
            drop(driver.set_read_timeout(Some(Duration::from_secs(5))));
            drop(driver.write_all(request.as_bytes()));
            drop(driver.read(&mut [0; 64]));
        }
        drop(fs::remove_dir_all(&self.profile));
    }
}

/// The driver chooses a free port and says it on a line: `... started successfully on port 41234.`
async fn port_of(driver: &mut Child) -> u16 {
    let mut lines = BufReader::new(driver.stdout.take().expect("the driver's output")).lines();
    while let Some(line) = lines.next_line().await.expect("the driver's output is text") {
        if let Some((_, port)) = line.split_once("started successfully on port ") {
            return port.trim_end_matches('.').parse().expect("a port");
        }
    }
    panic!("the driver ended without a port; is another version of Chromium installed?");
}

fn new_profile() -> PathBuf {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let profile = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("browser-{}-{number}", std::process::id()));
    drop(fs::remove_dir_all(&profile));
    fs::create_dir_all(&profile).expect("a folder for the profile");
    profile
}

#[tokio::test]
async fn the_browser_sees_clicks_writes_and_uploads() {
    const PAGE: &str = r#"<!doctype html><title>a page</title>
        <input id=name><input id=file type=file><button id=go>Go</button><p id=said></p>
        <script>go.onclick = () => setTimeout(() => { said.textContent = `${name_.value}, ${file.files[0].name}` }, 100);
        const name_ = document.getElementById("name");</script>"#;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}/", listener.local_addr().expect("an address"));
    let page = axum::Router::new().route("/", axum::routing::get(async || axum::response::Html(PAGE)));
    let served = souk::base::task::spawn("page", async move { axum::serve(listener, page).await.expect("it serves") });

    let browser = Browser::open(400, 800).await;
    browser.goto(&url).await;
    browser.write(&browser.find("#name").await, "سارا").await;
    let file = browser.profile.join("receipt.txt");
    fs::write(&file, "paid").expect("a file");
    browser.upload(&browser.find("#file").await, &file).await;
    assert_eq!(browser.text(&browser.find("#said").await).await, "");
    browser.click(&browser.find("#go").await).await;
    let said = browser.wait_for_text("#said", "receipt.txt", Duration::from_secs(5)).await;
    assert_eq!(browser.text(&said).await, "سارا, receipt.txt");
    assert!(browser.all("#absent").await.is_empty());
    browser.wait_for("#go", Duration::from_secs(1)).await;
    assert_eq!(browser.script("return document.title + arguments[0]", &[json!("!")]).await, json!("a page!"));
    let picture = browser.profile.join("page.png");
    browser.screenshot(&picture).await;
    assert!(fs::read(&picture).expect("a picture").starts_with(b"\x89PNG"));
    served.abort();
}
