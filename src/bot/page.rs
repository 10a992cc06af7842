//! The shape of a screen's words: a bold first line, facts a line each, then what happens next.
use crate::base::texts::escape;

/// Somebody's words in bold.
pub fn bold(text: &str) -> String {
    format!("<b>{}</b>", escape(text))
}

/// Somebody's words, harmless for HTML.
pub fn escaped(text: &str) -> String {
    escape(text).into_owned()
}

/// Title, facts a line each, and a last sentence; what is empty leaves no hole.
pub fn page(title: &str, facts: impl IntoIterator<Item = String>, next: &str) -> String {
    let facts: Vec<String> = facts.into_iter().filter(|fact| !fact.is_empty()).collect();
    paragraphs(&[title.to_owned(), facts.join("\n"), next.to_owned()])
}

/// Paragraphs with a line between; empty ones are left out.
pub fn paragraphs(parts: &[String]) -> String {
    parts.iter().map(|part| part.trim()).filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n\n")
}

/// A named thing and what is said about it; nothing when there is nothing to say.
pub fn described(title: &str, text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("{}\n{}\n", bold(title), escape(text)) }
}

#[cfg(test)]
mod tests {
    use super::{described, page};

    #[test]
    fn what_is_empty_leaves_no_hole() {
        assert_eq!(page("A", [], "C"), "A\n\nC");
        assert_eq!(page("A", ["b".to_owned(), String::new(), "c".to_owned()], ""), "A\n\nb\nc");
        assert_eq!(described("<x>", ""), "");
        assert_eq!(described("<x>", "y"), "<b>&lt;x&gt;</b>\ny\n");
    }
}
