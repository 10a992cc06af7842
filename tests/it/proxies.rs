//! A panel that is reached through a proxy: it alone, always, and with the name and the password that the shop file says.

use std::io;
use std::sync::{Arc, Mutex};

use souk::base::task;
use souk::sim::marzban::Marzban;
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::world::postgres::Kind;
use crate::world::shop::{Setup, World, world_in};

#[derive(Clone, Copy)]
enum Way {
    Http,
    Socks,
}

/// A proxy on loopback that leads to one place whatever it is asked for, and writes down what it was asked.
struct Proxy {
    port: u16,
    asked: Arc<Mutex<Vec<String>>>,
    tasks: Arc<Mutex<Vec<JoinHandle<()>>>>,
}

impl Proxy {
    async fn open(way: Way, to: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let proxy = Self { port, asked: Arc::default(), tasks: Arc::default() };
        let (asked, tasks) = (Arc::clone(&proxy.asked), Arc::clone(&proxy.tasks));
        let listens = task::spawn("a proxy", async move {
            while let Ok((caller, _)) = listener.accept().await {
                let (asked, to) = (Arc::clone(&asked), to.clone());
                let carries = task::spawn("a call through a proxy", async move {
                    drop(carry(way, caller, &to, &asked).await);
                });
                tasks.lock().expect("a lock").push(carries);
            }
        });
        proxy.tasks.lock().expect("a lock").push(listens);
        proxy
    }

    /// What it was asked, a line each connection.
    fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("a lock").clone()
    }

    /// Nobody gets through any more, and nobody listens.
    fn dies(&self) {
        self.tasks.lock().expect("a lock").drain(..).for_each(|task| task.abort());
    }
}

async fn carry(way: Way, mut caller: TcpStream, to: &str, asked: &Mutex<Vec<String>>) -> io::Result<()> {
    let note = |what: String| asked.lock().expect("a lock").push(what);
    let mut panel = TcpStream::connect(to).await?;
    match way {
        Way::Http => {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                head.push(caller.read_u8().await?);
            }
            note(String::from_utf8_lossy(&head).into_owned());
            if head.starts_with(b"CONNECT ") {
                caller.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
            } else {
                panel.write_all(&head).await?;
            }
        }
        Way::Socks => note(greet(&mut caller).await?),
    }
    copy_bidirectional(&mut caller, &mut panel).await.map(drop)
}

/// The handshake of SOCKS 5 with a name and a password (RFC 1928, RFC 1929); says who asked for which port.
async fn greet(caller: &mut TcpStream) -> io::Result<String> {
    let [_version, count] = bytes(caller, 2).await?[..] else { return Err(io::ErrorKind::InvalidData.into()) };
    let methods = bytes(caller, count.into()).await?;
    if !methods.contains(&2) {
        caller.write_all(&[5, 0xFF]).await?;
        return Ok("somebody without a name".to_owned());
    }
    caller.write_all(&[5, 2]).await?;
    let mut who = Vec::new();
    caller.read_u8().await?;
    for _ in 0..2 {
        let length = caller.read_u8().await?;
        who.push(String::from_utf8_lossy(&bytes(caller, length.into()).await?).into_owned());
    }
    caller.write_all(&[1, 0]).await?;
    let request = bytes(caller, 4).await?;
    let length = match request[3] {
        1 => 4,
        4 => 16,
        _ => caller.read_u8().await?.into(),
    };
    bytes(caller, length).await?;
    let port = caller.read_u16().await?;
    caller.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).await?;
    Ok(format!("{} asks for {port}", who.join(":")))
}

async fn bytes(caller: &mut TcpStream, count: usize) -> io::Result<Vec<u8>> {
    let mut read = vec![0; count];
    caller.read_exact(&mut read).await?;
    Ok(read)
}

/// A panel besides the shop's own, on which all plans are made; the address it listens on. Its clock stands where the world's
/// begins.
async fn spare() -> (Marzban, String) {
    let spare = Marzban::new(Arc::new(|| 1_773_144_000));
    spare.add_admin("souk", "change-me");
    let url = spare.start().await.expect("the panel starts");
    (spare, url.trim_start_matches("http://").to_owned())
}

fn reached(base_url: &str, proxy: &str) -> Setup {
    let panel = format!(
        "[[panels]]\ncode = \"spare\"\nkind = \"marzban\"\nbase_url = \"{base_url}\"\nusername = \"souk\"\npassword = \"change-me\"\n\
         proxy = \"{proxy}\"\ntimeout_seconds = 10\nprotocols = [\"vless\"]\nstate = \"on\"\n\n[[panels]]\ncode = \"main\""
    );
    Setup::default().with("[[panels]]\ncode = \"main\"", &panel).with("panels = [\"main\"]", "panels = [\"spare\"]")
}

#[tokio::test]
async fn a_panel_behind_a_proxy_is_reached_through_it_and_no_other_is() {
    for kind in Kind::BOTH {
        let (panel, address) = spare().await;
        let proxy = Proxy::open(Way::Http, address).await;
        // Only the proxy knows this name.
        let setup = reached("http://panel.invalid", &format!("http://souk:pass@127.0.0.1:{}", proxy.port));
        world_in(kind, &setup, async |w: &World| {
            let sara = w.customer("Sara").await;
            sara.owns_a_service(1).await;
            w.minutes(2).await;
            assert_eq!((w.orders("delivered").await, panel.accounts().len()), (1, 1), "{}", w.group());
            let asked = proxy.asked();
            assert!(!asked.is_empty(), "the proxy was asked");
            for head in &asked {
                assert!(head.contains("panel.invalid"), "{head}");
                // "souk:pass".
                assert!(
                    head.to_ascii_lowercase().contains("proxy-authorization: basic") && head.contains("c291azpwYXNz"),
                    "{head}"
                );
            }
            assert!(w.panel.count("GET", "/api/system") > 0, "the other panel was asked how it is, without a proxy");
            assert!(w.owner().told("alarm-panel-down").is_empty(), "{}", w.group());
            // Without its proxy it cannot be reached, and the shop says so.
            proxy.dies();
            w.minutes(7).await;
            let told = w.owner().told("alarm-panel-down");
            assert!(told.len() == 1 && told[0].text.contains("spare"), "{}", w.group());
            assert!(!told[0].text.contains("pass"), "no secret is told: {}", told[0].text);
            assert_eq!(panel.violations(), Vec::<String>::new());
        })
        .await;
    }
}

#[tokio::test]
async fn a_panel_behind_a_socks_proxy_is_reached_with_a_name_and_a_password() {
    for kind in Kind::BOTH {
        let (panel, address) = spare().await;
        let proxy = Proxy::open(Way::Socks, address.clone()).await;
        let setup = reached(&format!("http://{address}"), &format!("socks5://souk:pass@127.0.0.1:{}", proxy.port));
        world_in(kind, &setup, async |w: &World| {
            let sara = w.customer("Sara").await;
            sara.owns_a_service(1).await;
            w.minutes(2).await;
            assert_eq!((w.orders("delivered").await, panel.accounts().len()), (1, 1), "{}", w.group());
            let (_, port) = address.split_once(':').expect("a port");
            let asked = proxy.asked();
            assert!(!asked.is_empty() && asked.iter().all(|who| *who == format!("souk:pass asks for {port}")), "{asked:?}");
            // The panel itself is well, and nobody goes around the proxy.
            proxy.dies();
            let before = panel.calls().len();
            w.minutes(7).await;
            assert_eq!(panel.calls().len(), before);
            assert_eq!(w.owner().told("alarm-panel-down").len(), 1, "{}", w.group());
        })
        .await;
    }
}
