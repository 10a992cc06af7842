//! The words in `locales` hold together, and the code and they agree.
//!
//! Every text exists in every language with the same arguments; every text is used and every text that is used exists; a
//! sentence keeps the rules of how the shop speaks. Each rule is held twice: the locales have no complaint, and a sample
//! that breaks the rule has one.
#![expect(clippy::expect_used, reason = "a check that cannot read the texts must stop and say why")]

#[path = "texts/agreement.rs"]
mod agreement;
#[path = "texts/locales.rs"]
mod locales;
#[path = "tidy/source.rs"]
mod source;
#[path = "texts/speech.rs"]
mod speech;
#[path = "texts/uses.rs"]
mod uses;

/// Fails with every complaint at once, so that one run shows all that is to be mended.
fn holds(complaints: &[String]) {
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}

/// Shows that a rule bites: the sample gives exactly one complaint, and it holds `words`.
fn bites(complaints: &[String], words: &str) {
    assert_eq!(complaints.len(), 1, "{complaints:#?}");
    assert!(complaints[0].contains(words), "«{words}» is not in: {}", complaints[0]);
}
