//! Every word a person reads, by key and language. The words lie in `locales/<lang>/*.ftl` and are built into the binary.
//!
//! A key that is absent in a language falls back to English, and one that is absent there to itself; both are logged and
//! counted, never an error. Arguments are escaped for HTML, and isolated where they run against the text's direction; what
//! is to be copied ([`Arg::Code`]) carries no isolation mark inside. Numbers are shown in the digits of the language. It
//! formats no money, date or size: see [`super::format`].
mod arg;
mod bundles;

pub use arg::{Arg, escape};

use super::Lang;
use bundles::words;

/// A text without arguments.
pub fn t(lang: Lang, key: &'static str) -> &'static str {
    let mine = words(lang);
    if let Some(text) = mine.plain(key) {
        return text;
    }
    complain(lang, key, "no such text, or it wants arguments");
    words(Lang::En).plain(key).unwrap_or(key)
}

/// A text with arguments: `t_args(lang, "wallet-balance", &args!["amount" => money])`.
pub fn t_args(lang: Lang, key: &'static str, args: &[(&'static str, Arg)]) -> String {
    match words(lang).filled(lang, key, args) {
        Ok(text) => text,
        Err(wrong) => {
            complain(lang, key, &wrong);
            words(Lang::En).filled(Lang::En, key, args).unwrap_or_else(|_| key.to_owned())
        }
    }
}

/// A text with arguments where no HTML is read: a button's label, a toast. Nothing is escaped.
pub fn label(lang: Lang, key: &'static str, args: &[(&'static str, Arg)]) -> String {
    let raw = |arg: &Arg| match arg {
        Arg::Text(text) => Arg::Html(arg::isolated(lang, text, text.into())),
        Arg::Code(text) => Arg::Html(text.clone()),
        Arg::Html(_) | Arg::Count(_) => arg.clone(),
    };
    let args: Vec<(&'static str, Arg)> = args.iter().map(|(name, arg)| (*name, raw(arg))).collect();
    t_args(lang, key, &args)
}

/// Is there a text of this name? For keys that are made of a code, such as an app's or a country's.
pub fn has(key: &str) -> bool {
    words(Lang::En).knows(key)
}

fn complain(lang: Lang, key: &str, wrong: &str) {
    metrics::counter!("souk_texts_wrong_total").increment(1);
    tracing::warn!(text.key = key, text.lang = lang.code(), wrong, "a text could not be formed as it stands");
}

/// Arguments of a text: `args!["name" => value, ...]`; a value is anything that becomes an [`Arg`].
macro_rules! args {
    ($($name:literal => $value:expr),* $(,)?) => {
        [$(($name, $crate::base::texts::Arg::from($value))),*]
    };
}
pub(crate) use args;

#[cfg(test)]
mod tests {
    use super::bundles::{FILES, words};
    use super::{Arg, t, t_args};
    use crate::base::Lang;

    #[test]
    fn every_language_has_every_text() {
        for lang in Lang::ALL {
            for (_, file, source) in FILES.iter().filter(|(of, _, _)| *of == lang) {
                let missing = |other: Lang| {
                    let names = source.lines().filter_map(|line| line.split_once(" =").map(|(name, _)| name));
                    let names = names.filter(|name| name.starts_with(|c: char| c.is_ascii_lowercase()));
                    names.filter(move |name| !words(other).knows(name)).collect::<Vec<_>>()
                };
                for other in Lang::ALL {
                    assert!(missing(other).is_empty(), "{other} lacks of {lang}/{file}: {:?}", missing(other));
                }
            }
        }
    }

    #[test]
    fn every_file_of_words_is_built_in() {
        for lang in Lang::ALL {
            let folder = format!("{}/locales/{}", env!("CARGO_MANIFEST_DIR"), lang.code());
            let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
            let mut written: Vec<String> = names.map(|name| name.trim_end_matches(".ftl").to_owned()).collect();
            let mut built: Vec<&str> = FILES.iter().filter(|(of, _, _)| *of == lang).map(|(_, file, _)| *file).collect();
            written.sort();
            built.sort_unstable();
            assert_eq!(built, written, "{lang}");
        }
    }

    #[test]
    fn arguments_are_escaped_and_isolated_where_the_text_runs_the_other_way() {
        let mut args = args!["name" => "<Sara & co>"];
        assert_eq!(t_args(Lang::En, "home-hello", &args).matches("&lt;Sara &amp; co&gt;").count(), 1);
        assert!(t_args(Lang::Fa, "home-hello", &args).contains("\u{2068}&lt;Sara &amp; co&gt;\u{2069}"));
        args[0].1 = Arg::from("سارا");
        assert!(!t_args(Lang::Fa, "home-hello", &args).contains('\u{2068}'));
        assert!(t_args(Lang::En, "home-hello", &args).contains("\u{2068}سارا\u{2069}"));
    }

    #[test]
    fn what_is_copied_carries_no_marks() {
        assert_eq!(Arg::code("6037 9911").render(Lang::Fa), "\u{2068}<code>6037 9911</code>\u{2069}");
        assert_eq!(Arg::code("a<b").render(Lang::En), "<code>a&lt;b</code>");
    }

    #[test]
    fn a_wrong_key_is_survived() {
        assert_eq!(t(Lang::Fa, "no-such-key"), "no-such-key");
        assert_eq!(t_args(Lang::Ru, "no-such-key", &[]), "no-such-key");
        assert!(!t_args(Lang::Ru, "home-hello", &[]).is_empty());
    }
}
