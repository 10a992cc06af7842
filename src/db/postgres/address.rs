//! What a `postgres://` URL says.
use super::tls::{self, Files, Mode};
use crate::base::Fault;
use std::path::Path;
use std::time::Duration;
use tokio_postgres::Config;
use tokio_postgres::config::Host;
use tokio_postgres_rustls::MakeRustlsConnect;
use url::form_urlencoded;

/// A network that swallows everything is noticed after so long.
const SILENCE: Duration = Duration::from_secs(20);
/// Where Debian's server listens for those on the same machine.
const SOCKETS: &str = "/var/run/postgresql";

/// Where the server is, who we are, and what it must prove.
#[derive(Clone)]
pub(in crate::db) struct Address {
    pub(super) config: Config,
    pub(super) tls: MakeRustlsConnect,
}

impl std::fmt::Debug for Address {
    /// Says nothing of the password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Address").field("hosts", &self.config.get_hosts()).finish_non_exhaustive()
    }
}

impl Address {
    /// # Errors
    /// What the URL says and nobody understands, and files of it that cannot be read.
    pub fn of(url: &str) -> Result<Self, Fault> {
        let (rest, wishes) = split(url)?;
        let mut config: Config = rest.parse().map_err(|error| Fault::new(super::with_causes(&error)))?;
        if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
            let port = config.get_ports().first().copied().unwrap_or(5432);
            let here = Path::new(SOCKETS).join(format!(".s.PGSQL.{port}")).exists();
            config.host(if here { SOCKETS } else { "localhost" });
        }
        if config.get_application_name().is_none() {
            config.application_name("souk");
        }
        config.ssl_mode(wishes.mode.of_driver()).tcp_user_timeout(SILENCE).keepalives_idle(SILENCE);
        let tls = MakeRustlsConnect::new(tls::client(wishes.mode, &wishes.files)?);
        Ok(Self { config, tls })
    }

    /// The first host (a folder, when it is a socket) and its port.
    pub fn host(&self) -> (String, u16) {
        let host = match self.config.get_hosts().first() {
            Some(Host::Tcp(name)) => name.clone(),
            Some(Host::Unix(folder)) => folder.display().to_string(),
            None => self.config.get_hostaddrs().first().map(ToString::to_string).unwrap_or_default(),
        };
        (host, self.config.get_ports().first().copied().unwrap_or(5432))
    }

    pub fn config(&self) -> &Config {
        &self.config
    }
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Wishes {
    mode: Mode,
    files: Files,
}

/// What is said of TLS is ours to read; the driver refuses words that it does not know.
fn split(url: &str) -> Result<(String, Wishes), Fault> {
    let Some((place, query)) = url.split_once('?') else { return Ok((url.to_owned(), Wishes::default())) };
    let (mut wishes, mut mode) = (Wishes::default(), None);
    let mut rest = Vec::new();
    for piece in query.split('&') {
        let Some((key, value)) = form_urlencoded::parse(piece.as_bytes()).next() else { continue };
        let value = value.into_owned();
        match key.as_ref() {
            "sslmode" | "ssl-mode" => mode = Some(Mode::named(&value)?),
            "sslrootcert" | "ssl-root-cert" | "ssl-ca" => wishes.files.authority = Some(value),
            "sslcert" | "ssl-cert" => wishes.files.certificate = Some(value),
            "sslkey" | "ssl-key" => wishes.files.key = Some(value),
            _ => rest.push(piece),
        }
    }
    // As with libpq: the public authorities sign for a name, so the name is looked at.
    wishes.mode = match (mode, wishes.files.authority.as_deref()) {
        (None | Some(Mode::VerifyFull), Some(tls::SYSTEM)) => Mode::VerifyFull,
        (Some(_), Some(tls::SYSTEM)) => return Err(Fault::new("sslrootcert=system wants sslmode=verify-full")),
        (mode, _) => mode.unwrap_or_default(),
    };
    let end = if rest.is_empty() { String::new() } else { format!("?{}", rest.join("&")) };
    Ok((format!("{place}{end}"), wishes))
}

#[cfg(test)]
mod tests {
    use super::{Address, Files, Mode, Wishes, split};
    use tokio_postgres::config::SslMode;

    #[test]
    fn what_is_said_of_tls_is_taken_out_and_the_rest_stays_as_it_is_written() {
        let (rest, wishes) =
            split("postgres://a:p%40+@db/books?options=-c%20a%3Db&sslmode=verify-ca&sslrootcert=/etc/a%20b.pem").unwrap();
        assert_eq!(rest, "postgres://a:p%40+@db/books?options=-c%20a%3Db");
        let files = Files { authority: Some("/etc/a b.pem".to_owned()), ..Files::default() };
        assert_eq!(wishes, Wishes { mode: Mode::VerifyCa, files });
        assert_eq!(split("postgres://db/books?sslmode=require").unwrap().0, "postgres://db/books");
        let wrong = split("postgres://db/books?sslmode=sometimes").unwrap_err();
        assert!(wrong.to_string().contains("verify-full"), "{wrong}");
    }

    #[test]
    fn the_driver_is_told_what_the_url_says() {
        let address = Address::of("postgres://so%40uk:p%40ss@db.example:6432/books?sslmode=verify-full").unwrap();
        assert_eq!(address.host(), ("db.example".to_owned(), 6432));
        assert_eq!(address.config().get_user(), Some("so@uk"));
        assert_eq!(address.config().get_password(), Some(b"p@ss".as_slice()));
        assert_eq!(address.config().get_dbname(), Some("books"));
        assert_eq!(address.config().get_ssl_mode(), SslMode::Require);
        let socket = Address::of("postgres:///books?host=/run/postgresql&user=souk").unwrap();
        assert_eq!(socket.host(), ("/run/postgresql".to_owned(), 5432));
        assert!(!format!("{address:?}").contains("p@ss"));
    }

    #[test]
    fn mistakes_are_told() {
        for (url, why) in [
            ("postgres://db/books?sslmode=verify-full&sslrootcert=/nowhere.pem", "/nowhere.pem cannot be read"),
            ("postgres://db/books?sslcert=/nowhere.pem", "given together"),
            ("postgres://db/books?sslmode=require&sslrootcert=system", "wants sslmode=verify-full"),
            ("postgres://db:none/books", "port"),
            ("postgres://db/books?colour=red", "colour"),
        ] {
            let told = Address::of(url).unwrap_err().to_string();
            assert!(told.contains(why), "{url}: {told}");
        }
    }
}
