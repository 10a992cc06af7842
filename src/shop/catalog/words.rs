//! An operator's words about a thing, in the languages that were given.
//!
//! Always: asking for any language gives some words when any were given. Never: translates.
use crate::base::{Fault, Lang};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Words by language, stored as a JSON object.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Words(BTreeMap<Lang, String>);

impl Words {
    /// In this language, else in English, else in whichever there is; empty when nothing was said.
    pub fn say(&self, lang: Lang) -> &str {
        let words = self.0.get(&lang).or_else(|| self.0.get(&Lang::En)).or_else(|| self.0.values().next());
        words.map_or("", String::as_str)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What was said in each language.
    pub fn each(&self) -> impl Iterator<Item = (Lang, &str)> {
        self.0.iter().map(|(lang, words)| (*lang, words.as_str()))
    }

    pub(in crate::shop) fn read(json: &str) -> Result<Self, Fault> {
        serde_json::from_str(json).map_err(|error| Fault::from(error).context("reading a catalogue's words"))
    }

    pub(in crate::shop) fn write(&self) -> Result<String, Fault> {
        Ok(serde_json::to_string(self)?)
    }
}

impl FromIterator<(Lang, String)> for Words {
    fn from_iter<I: IntoIterator<Item = (Lang, String)>>(pairs: I) -> Self {
        Self(pairs.into_iter().collect())
    }
}

impl<W: Into<String>, const N: usize> From<[(Lang, W); N]> for Words {
    fn from(pairs: [(Lang, W); N]) -> Self {
        Self(pairs.into_iter().map(|(lang, words)| (lang, words.into())).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::{Lang, Words};

    #[test]
    fn some_words_are_better_than_none() {
        let both = Words::from([(Lang::En, "Germany"), (Lang::Fa, "آلمان")]);
        assert_eq!(both.say(Lang::Fa), "آلمان");
        assert_eq!(both.say(Lang::Ru), "Germany");
        assert_eq!(Words::from([(Lang::Ru, "Германия")]).say(Lang::En), "Германия");
        assert_eq!(Words::default().say(Lang::En), "");
        assert_eq!(Words::read(&both.write().unwrap()).unwrap(), both);
    }
}
