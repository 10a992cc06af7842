//! PostgreSQL over TLS: what the server must prove is what the URL asks for, for the shop and for the tools that back it up.

use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use souk::base::{Fault, task};
use souk::db::{Db, scalar};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

use crate::backups::{Folder, said, souk_at};
use crate::world::postgres::{Kind, TestDb, empty, fresh};
use crate::world::shop::KEY;

/// Signs for servers and for customers of theirs.
struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    file: PathBuf,
}

impl Authority {
    fn new(folder: &Folder, name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).expect("no names");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(rcgen::DnType::CommonName, name);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("it signs itself");
        let file = folder.path().join(format!("{name}.pem"));
        fs::write(&file, issuer.pem()).expect("the file is written");
        Self { issuer, file }
    }

    fn signs(&self, name: &str) -> (rcgen::Certificate, KeyPair) {
        let key = KeyPair::generate().expect("a key");
        let params = CertificateParams::new(vec![name.to_owned()]).expect("a name");
        (params.signed_by(&key, &self.issuer).expect("it signs"), key)
    }

    /// A server of this name, which asks for a certificate when it lets in only whom `customers` signed for.
    fn server(&self, name: &str, customers: Option<&Self>) -> ServerConfig {
        let (certificate, key) = self.signs(name);
        let provider = Arc::new(ring::default_provider());
        let config = ServerConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions();
        let config = config.expect("the versions");
        let config = match customers {
            None => config.with_no_client_auth(),
            Some(authority) => {
                let mut roots = RootCertStore::empty();
                roots.add(authority.issuer.der().clone()).expect("an authority");
                let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build();
                config.with_client_cert_verifier(verifier.expect("a verifier"))
            }
        };
        let chain: Vec<CertificateDer<'static>> = vec![certificate.der().clone()];
        let key = PrivateKeyDer::try_from(key.serialize_der()).expect("a key");
        config.with_single_cert(chain, key).expect("a certificate and its key")
    }
}

/// The test's server with `ssl = on`, or off.
struct Server {
    port: u16,
    encrypted: Arc<AtomicUsize>,
    listens: JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.listens.abort();
    }
}

impl Server {
    async fn open(place: &TestDb, tls: Option<ServerConfig>) -> Self {
        let behind = url::Url::parse(&place.url).expect("a URL");
        let behind = (behind.host_str().expect("a host").to_owned(), behind.port().unwrap_or(5432));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let encrypted = Arc::new(AtomicUsize::new(0));
        let (counted, acceptor) = (Arc::clone(&encrypted), tls.map(|tls| TlsAcceptor::from(Arc::new(tls))));
        let listens = task::spawn("a server with TLS", async move {
            while let Ok((caller, _)) = listener.accept().await {
                let (counted, acceptor, behind) = (Arc::clone(&counted), acceptor.clone(), behind.clone());
                task::spawn("a connection with TLS", async move {
                    drop(carry(caller, acceptor, behind, &counted).await);
                });
            }
        });
        Self { port, encrypted, listens }
    }

    fn url(&self, place: &TestDb, wishes: &str) -> String {
        let mut url = url::Url::parse(&place.url).expect("a URL");
        url.set_host(Some("localhost")).expect("a host");
        url.set_port(Some(self.port)).expect("a port");
        url.set_query(Some(wishes));
        url.into()
    }

    /// How many connections spoke TLS so far.
    fn encrypted(&self) -> usize {
        self.encrypted.load(Ordering::Relaxed)
    }
}

/// PostgreSQL's own words before the first message (its manual, "SSL Session Encryption"): eight bytes ask for TLS or for GSSAPI, and
/// one answers; whoever asks for neither begins at once.
async fn carry(mut caller: TcpStream, tls: Option<TlsAcceptor>, behind: (String, u16), count: &AtomicUsize) -> io::Result<()> {
    let mut server = TcpStream::connect(behind).await?;
    loop {
        let mut asked = [0; 8];
        caller.read_exact(&mut asked).await?;
        match (asked, &tls) {
            ([0, 0, 0, 8, 4, 210, 22, 47], Some(tls)) => {
                caller.write_all(b"S").await?;
                let mut caller = tls.accept(caller).await?;
                count.fetch_add(1, Ordering::Relaxed);
                return copy_bidirectional(&mut caller, &mut server).await.map(drop);
            }
            ([0, 0, 0, 8, 4, 210, 22, 47 | 48], _) => caller.write_all(b"N").await?,
            _ => {
                server.write_all(&asked).await?;
                return copy_bidirectional(&mut caller, &mut server).await.map(drop);
            }
        }
    }
}

async fn people(url: &str) -> Result<Option<i64>, Fault> {
    let db = Db::connect(url).await?;
    let counted = scalar(db.read(), "SELECT COUNT(*) AS v FROM people", vec![]).await;
    db.close().await?;
    counted
}

#[tokio::test]
async fn the_server_proves_what_the_url_asks_for() {
    let (folder, place) = (Folder::new(), fresh(Kind::Postgres).await);
    let (ours, other) = (Authority::new(&folder, "ours"), Authority::new(&folder, "other"));
    let root = |authority: &Authority| format!("&sslrootcert={}", authority.file.display());
    let (here, elsewhere) = ("localhost", "elsewhere.example");
    for (name, wishes, refused) in [
        (elsewhere, String::new(), None),
        (elsewhere, "sslmode=require".to_owned(), None),
        (elsewhere, format!("sslmode=verify-ca{}", root(&ours)), None),
        (here, format!("sslmode=verify-full{}", root(&ours)), None),
        (here, "sslmode=verify-full".to_owned(), Some("UnknownIssuer")),
        (here, "sslmode=verify-full&sslrootcert=system".to_owned(), Some("UnknownIssuer")),
        (here, "sslmode=verify-ca".to_owned(), Some("UnknownIssuer")),
        (here, format!("sslmode=verify-ca{}", root(&other)), Some("UnknownIssuer")),
        (here, format!("sslmode=verify-full{}", root(&other)), Some("UnknownIssuer")),
        (elsewhere, format!("sslmode=verify-full{}", root(&ours)), Some("not valid for name")),
    ] {
        let server = Server::open(&place, Some(ours.server(name, None))).await;
        let told = people(&server.url(&place, &wishes)).await;
        match refused {
            None => {
                assert_eq!(told.expect("it opens"), Some(0), "{wishes}");
                assert!(server.encrypted() > 0, "{wishes}: it went in the clear");
            }
            Some(why) => {
                let told = told.expect_err("it is refused").to_string();
                assert!(told.contains(why), "{wishes}: {told}");
                assert_eq!(server.encrypted(), 0, "{wishes}: it was spoken to");
            }
        }
    }
}

#[tokio::test]
async fn a_server_without_tls_is_spoken_to_in_the_clear_only_by_who_may() {
    let place = fresh(Kind::Postgres).await;
    let server = Server::open(&place, None).await;
    for wishes in ["sslmode=disable", "sslmode=allow", "sslmode=prefer"] {
        assert_eq!(people(&server.url(&place, wishes)).await.expect("it opens"), Some(0), "{wishes}");
    }
    for wishes in ["sslmode=require", "sslmode=verify-ca", "sslmode=verify-full"] {
        let told = people(&server.url(&place, wishes)).await.expect_err("it is refused").to_string();
        assert!(told.contains("TLS"), "{wishes}: {told}");
    }
    let folder = Folder::new();
    let encrypts = Server::open(&place, Some(Authority::new(&folder, "ours").server("localhost", None))).await;
    assert_eq!(people(&encrypts.url(&place, "sslmode=disable")).await.expect("it opens"), Some(0));
    assert_eq!(encrypts.encrypted(), 0, "nobody asked for TLS");
}

#[tokio::test]
async fn a_server_that_asks_who_we_are_is_shown_our_certificate() {
    let (folder, place) = (Folder::new(), fresh(Kind::Postgres).await);
    let ours = Authority::new(&folder, "ours");
    let server = Server::open(&place, Some(ours.server("localhost", Some(&ours)))).await;
    people(&server.url(&place, "sslmode=require")).await.expect_err("nobody is let in without one");

    let (certificate, key) = ours.signs("souk.example");
    let (certificate_file, key_file) = (folder.path().join("souk.pem"), folder.path().join("souk.key"));
    fs::write(&certificate_file, certificate.pem()).expect("the certificate is written");
    fs::write(&key_file, key.serialize_pem()).expect("the key is written");
    let shown = format!("sslmode=require&sslcert={}&sslkey={}", certificate_file.display(), key_file.display());
    assert_eq!(people(&server.url(&place, &shown)).await.expect("it opens"), Some(0));
}

#[tokio::test]
async fn a_backup_is_made_and_restored_over_tls_under_the_same_proof() {
    let (folder, place, new) = (Folder::new(), fresh(Kind::Postgres).await, empty(Kind::Postgres).await);
    let (ours, other) = (Authority::new(&folder, "ours"), Authority::new(&folder, "other"));
    let server = Server::open(&place, Some(ours.server("localhost", None))).await;
    let proof = |authority: &Authority| format!("sslmode=verify-full&sslrootcert={}", authority.file.display());

    let out = Folder::new();
    let make = ["backup", "--to", out.path().to_str().expect("a plain path")];
    let refused = souk_at(&make, &server.url(&place, &proof(&other)), KEY).await;
    assert!(!refused.status.success() && said(&refused).contains("UnknownIssuer"), "{}", said(&refused));

    let made = souk_at(&make, &server.url(&place, &proof(&ours)), KEY).await;
    assert!(made.status.success(), "{}", said(&made));
    let file = out.only();
    let before = server.encrypted();
    let put = souk_at(&["restore", file.to_str().expect("a plain path")], &server.url(&new, &proof(&ours)), KEY).await;
    assert!(put.status.success(), "{}", said(&put));
    assert!(server.encrypted() > before, "it went in the clear");
    assert_eq!(people(&new.url).await.expect("it is there"), Some(0));
}
