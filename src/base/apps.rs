//! The apps that people connect with: on which systems they run, where they come from, and the address by which each takes
//! a subscription link. The list is closed: an address is made from here alone, never from what somebody asks for.
//!
//! The addresses are those that the apps' sources, their documents and the panels' own pages use (read in 2026); an app
//! without one is shown with the link to copy.
use base64::{Engine as _, engine::general_purpose::STANDARD};

/// A system that an app runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum System {
    Android,
    Ios,
    Windows,
    Macos,
    Linux,
}

impl System {
    pub const ALL: [Self; 5] = [Self::Android, Self::Ios, Self::Windows, Self::Macos, Self::Linux];

    pub const fn code(self) -> &'static str {
        match self {
            Self::Android => "android",
            Self::Ios => "ios",
            Self::Windows => "windows",
            Self::Macos => "macos",
            Self::Linux => "linux",
        }
    }

    /// Its own name, the same in every language.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Android => "Android",
            Self::Ios => "iOS",
            Self::Windows => "Windows",
            Self::Macos => "macOS",
            Self::Linux => "Linux",
        }
    }

    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|system| system.code() == code)
    }
}

/// How an app takes a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Takes {
    /// The link as it is, behind this; then `#` and the name.
    Raw(&'static str),
    /// The link percent-encoded, behind this; then `#` and the name.
    Encoded(&'static str),
    /// The link percent-encoded, behind this; then `&name=` and the name.
    Query(&'static str),
    /// The link in base64, behind this; then `?remark=` and the name.
    Base64(&'static str),
    /// It has no address: the link is pasted.
    Pasted,
}

/// An app.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct App {
    pub code: &'static str,
    pub name: &'static str,
    pub systems: &'static [System],
    /// Where it is got from.
    pub home: &'static str,
    takes: Takes,
}

use System::{Android, Ios, Linux, Macos, Windows};

/// All of them; the first of a system is the one we advise there.
pub const APPS: &[App] = &[
    App {
        code: "v2rayng",
        name: "v2rayNG",
        systems: &[Android],
        home: "https://play.google.com/store/apps/details?id=com.v2ray.ang",
        takes: Takes::Encoded("v2rayng://install-sub?url="),
    },
    App {
        code: "streisand",
        name: "Streisand",
        systems: &[Ios, Macos],
        home: "https://apps.apple.com/app/streisand/id6450534064",
        takes: Takes::Raw("streisand://import/"),
    },
    App {
        code: "v2rayn",
        name: "v2rayN",
        systems: &[Windows, Linux],
        home: "https://github.com/2dust/v2rayN/releases",
        takes: Takes::Pasted,
    },
    App {
        code: "hiddify",
        name: "Hiddify",
        systems: &[Android, Ios, Windows, Macos, Linux],
        home: "https://github.com/hiddify/hiddify-app/releases",
        takes: Takes::Raw("hiddify://import/"),
    },
    App {
        code: "happ",
        name: "Happ",
        systems: &[Android, Ios, Windows, Macos],
        home: "https://www.happ.su",
        takes: Takes::Raw("happ://add/"),
    },
    App {
        code: "v2box",
        name: "V2Box",
        systems: &[Ios, Macos],
        home: "https://apps.apple.com/app/v2box-v2ray-client/id6446814690",
        takes: Takes::Query("v2box://install-sub?url="),
    },
    App {
        code: "shadowrocket",
        name: "Shadowrocket",
        systems: &[Ios],
        home: "https://apps.apple.com/app/shadowrocket/id932747118",
        takes: Takes::Base64("shadowrocket://add/sub://"),
    },
    App {
        code: "nekobox",
        name: "NekoBox",
        systems: &[Android],
        home: "https://github.com/MatsuriDayo/NekoBoxForAndroid/releases",
        takes: Takes::Query("sn://subscription?url="),
    },
    App {
        code: "sing-box",
        name: "sing-box",
        systems: &[Android, Ios, Macos],
        home: "https://sing-box.sagernet.org/clients/",
        takes: Takes::Encoded("sing-box://import-remote-profile?url="),
    },
    App {
        code: "clash-meta",
        name: "Clash Meta",
        systems: &[Android, Windows, Macos, Linux],
        home: "https://github.com/MetaCubeX/ClashMetaForAndroid/releases",
        takes: Takes::Query("clash://install-config?url="),
    },
];

impl App {
    pub fn parse(code: &str) -> Option<&'static Self> {
        APPS.iter().find(|app| app.code == code)
    }

    /// Those that run on a system, the advised one first.
    pub fn of(system: System) -> impl Iterator<Item = &'static Self> {
        APPS.iter().filter(move |app| app.systems.contains(&system))
    }

    /// The address that makes the app take `link` under `name`; `None` when it must be pasted.
    pub fn address(&self, link: &str, name: &str) -> Option<String> {
        let (link_encoded, name) = (encoded(link), encoded(name));
        match self.takes {
            Takes::Raw(begin) => Some(format!("{begin}{link}#{name}")),
            Takes::Encoded(begin) => Some(format!("{begin}{link_encoded}#{name}")),
            Takes::Query(begin) => Some(format!("{begin}{link_encoded}&name={name}")),
            Takes::Base64(begin) => Some(format!("{begin}{}?remark={name}", STANDARD.encode(link))),
            Takes::Pasted => None,
        }
    }
}

/// Percent-encoded but for the letters that never need it.
fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            for digit in [byte >> 4, byte & 15] {
                out.extend(char::from_digit(digit.into(), 16).map(|digit| digit.to_ascii_uppercase()));
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{APPS, App, System};

    #[test]
    fn every_app_is_found_by_its_code_and_every_system_has_one() {
        for app in APPS {
            assert_eq!(App::parse(app.code), Some(app));
            assert!(app.home.starts_with("https://"));
        }
        for system in System::ALL {
            assert!(App::of(system).next().is_some(), "{system:?}");
            assert_eq!(System::parse(system.code()), Some(system));
        }
        assert_eq!(App::parse("javascript"), None);
    }

    #[test]
    fn addresses_are_what_the_apps_take() {
        let link = "https://de.example/sub/a+b?c=1";
        let of = |code: &str| App::parse(code).and_then(|app| app.address(link, "My shop"));
        for (code, address) in [
            ("v2rayng", "v2rayng://install-sub?url=https%3A%2F%2Fde.example%2Fsub%2Fa%2Bb%3Fc%3D1#My%20shop"),
            ("hiddify", "hiddify://import/https://de.example/sub/a+b?c=1#My%20shop"),
            ("v2box", "v2box://install-sub?url=https%3A%2F%2Fde.example%2Fsub%2Fa%2Bb%3Fc%3D1&name=My%20shop"),
            ("shadowrocket", "shadowrocket://add/sub://aHR0cHM6Ly9kZS5leGFtcGxlL3N1Yi9hK2I/Yz0x?remark=My%20shop"),
        ] {
            assert_eq!(of(code).as_deref(), Some(address));
        }
        assert_eq!(of("v2rayn"), None);
    }
}
