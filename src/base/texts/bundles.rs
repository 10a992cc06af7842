//! The bundles: parsed once, at the first use; texts without arguments are formed then too.
use super::Arg;
use crate::base::Lang;
use crate::base::format::digits;
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use std::collections::HashMap;
use std::sync::LazyLock;
use unic_langid::LanguageIdentifier;

macro_rules! locales {
    ($($file:literal),* $(,)?) => {
        &[$(
            (Lang::En, $file, include_str!(concat!("../../../locales/en/", $file, ".ftl"))),
            (Lang::Fa, $file, include_str!(concat!("../../../locales/fa/", $file, ".ftl"))),
            (Lang::Ru, $file, include_str!(concat!("../../../locales/ru/", $file, ".ftl"))),
        )*]
    };
}

/// Language, file, text. A file a screen family.
pub(super) const FILES: &[(Lang, &str, &str)] = locales![
    "format",
    "common",
    "start",
    "home",
    "shop",
    "pay",
    "services",
    "guide",
    "trial",
    "wallet",
    "notices",
    "agent",
    "agent_notices",
    "agent_account",
    "agencies",
    "open",
    "admin",
    "admin_shop",
    "backup",
    "report",
    "methods",
    "refund",
    "correction",
    "history",
    "invoice",
];

/// The texts of one language.
pub(super) struct Words {
    bundle: FluentBundle<FluentResource>,
    plain: HashMap<String, String>,
}

static EN: LazyLock<Words> = LazyLock::new(|| Words::build(Lang::En));
static FA: LazyLock<Words> = LazyLock::new(|| Words::build(Lang::Fa));
static RU: LazyLock<Words> = LazyLock::new(|| Words::build(Lang::Ru));

pub(super) fn words(lang: Lang) -> &'static Words {
    match lang {
        Lang::En => &EN,
        Lang::Fa => &FA,
        Lang::Ru => &RU,
    }
}

impl Words {
    fn build(lang: Lang) -> Self {
        let tag: LanguageIdentifier = lang.code().parse().unwrap_or_default();
        let mut bundle = FluentBundle::new_concurrent(vec![tag]);
        // Isolation is ours: an argument that is to be copied must carry no mark.
        bundle.set_use_isolating(false);
        bundle.set_formatter(Some(match lang {
            Lang::Fa => |value, _| number(Lang::Fa, value),
            Lang::En | Lang::Ru => |value, _| number(Lang::En, value),
        }));
        let mut names = Vec::new();
        for (_, file, source) in FILES.iter().filter(|(of, _, _)| *of == lang) {
            let resource = FluentResource::try_new((*source).to_owned()).unwrap_or_else(|(whole, errors)| {
                tracing::error!(file, lang = lang.code(), ?errors, "a locale file is malformed; what could be read is used");
                whole
            });
            names.extend(resource.entries().filter_map(|entry| match entry {
                fluent_syntax::ast::Entry::Message(message) => Some(message.id.name.to_owned()),
                _ => None,
            }));
            if let Err(errors) = bundle.add_resource(resource) {
                tracing::error!(file, lang = lang.code(), ?errors, "a text is defined twice");
            }
        }
        let mut built = Self { bundle, plain: HashMap::new() };
        let formed = names.into_iter().filter_map(|name| built.form(&name, None).ok().map(|text| (name, text)));
        built.plain = formed.collect();
        built
    }

    fn form(&self, key: &str, args: Option<&FluentArgs<'_>>) -> Result<String, String> {
        let pattern = self.bundle.get_message(key).and_then(|message| message.value()).ok_or("no such text")?;
        let mut errors = Vec::new();
        let text = self.bundle.format_pattern(pattern, args, &mut errors).into_owned();
        if errors.is_empty() { Ok(text) } else { Err(format!("{errors:?}")) }
    }

    pub fn plain(&self, key: &str) -> Option<&str> {
        self.plain.get(key).map(String::as_str)
    }

    pub fn knows(&self, key: &str) -> bool {
        self.bundle.has_message(key)
    }

    pub fn filled(&self, lang: Lang, key: &str, args: &[(&'static str, Arg)]) -> Result<String, String> {
        let args: FluentArgs<'_> = args
            .iter()
            .map(|(name, arg)| match arg {
                Arg::Count(count) => (*name, FluentValue::from(*count)),
                Arg::Text(_) | Arg::Code(_) | Arg::Html(_) => (*name, FluentValue::from(arg.render(lang))),
            })
            .collect();
        self.form(key, Some(&args))
    }
}

fn number(lang: Lang, value: &FluentValue<'_>) -> Option<String> {
    match value {
        FluentValue::Number(number) => Some(digits(lang, &number.as_string())),
        _ => None,
    }
}
