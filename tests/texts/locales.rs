//! The locale files, parsed: a text is its key, its arguments, and the forms that a person may read.

use std::collections::{BTreeMap, BTreeSet};

use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement};
use fluent_syntax::parser;

use crate::source::{File, files};

pub const LANGUAGES: [&str; 3] = ["en", "fa", "ru"];

#[derive(Debug)]
pub struct Text {
    /// `locales/en/shop.ftl`, for the complaint.
    pub file: String,
    pub key: String,
    pub args: BTreeSet<String>,
    /// Other texts that it is made of.
    pub parts: BTreeSet<String>,
    /// Each way the text can come out, with `{}` where a value stands.
    pub forms: Vec<String>,
}

/// The texts of each language; an attribute is a text of its own, `key.attribute`.
pub type Locales = BTreeMap<String, Vec<Text>>;

pub fn read() -> (Locales, Vec<String>) {
    parse(&files())
}

/// Also complains of what Fluent cannot read, and of keys that stand twice.
pub fn parse(files: &[File]) -> (Locales, Vec<String>) {
    let mut locales = Locales::new();
    let mut complaints = Vec::new();
    let mut seen = BTreeSet::new();
    for file in files {
        let Some((lang, name)) = file.path.strip_prefix("locales/").and_then(|path| path.split_once('/')) else { continue };
        if !LANGUAGES.contains(&lang) || name.strip_suffix(".ftl").is_none_or(|name| name.contains('/')) {
            complaints.push(format!("{}: locales hold <lang>/<screen file>.ftl for {LANGUAGES:?} and nothing else", file.path));
            continue;
        }
        let (resource, errors) = match parser::parse(file.text.as_str()) {
            Ok(resource) => (resource, Vec::new()),
            Err((resource, errors)) => (resource, errors),
        };
        complaints.extend(errors.iter().map(|error| format!("{}:{}: {error}", file.path, file.line_of(error.pos.start))));
        let texts = locales.entry(lang.to_owned()).or_default();
        for entry in &resource.body {
            for (key, patterns) in patterns(entry) {
                if !seen.insert((lang, key.clone())) {
                    complaints.push(format!("{}: {key} stands twice in {lang}; keep one", file.path));
                }
                let (args, parts): (BTreeSet<_>, _) =
                    patterns.iter().flat_map(|pattern| names(pattern)).partition(|name| name.starts_with('$'));
                let args = args.iter().map(|name| name.trim_start_matches('$').to_owned()).collect();
                let forms = patterns.iter().flat_map(|pattern| forms(pattern)).collect();
                texts.push(Text { file: file.path.clone(), key, args, parts, forms });
            }
        }
    }
    (locales, complaints)
}

fn patterns<'a>(entry: &'a Entry<&'a str>) -> Vec<(String, Vec<&'a Pattern<&'a str>>)> {
    let (name, value, attributes) = match entry {
        Entry::Message(message) => (message.id.name.to_owned(), message.value.as_ref(), &message.attributes),
        Entry::Term(term) => (format!("-{}", term.id.name), Some(&term.value), &term.attributes),
        _ => return Vec::new(),
    };
    let own = std::iter::once((name.clone(), value.into_iter().collect()));
    own.chain(attributes.iter().map(|attribute| (format!("{name}.{}", attribute.id.name), vec![&attribute.value]))).collect()
}

/// What a pattern names: `$` and the argument, or the key of another text.
fn names(pattern: &Pattern<&str>) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    for element in &pattern.elements {
        if let PatternElement::Placeable { expression } = element {
            names_of(expression, &mut out);
        }
    }
    out
}

fn names_of(expression: &Expression<&str>, out: &mut BTreeSet<String>) {
    match expression {
        Expression::Select { selector, variants } => {
            names_inline(selector, out);
            out.extend(variants.iter().flat_map(|variant| names(&variant.value)));
        }
        Expression::Inline(inline) => names_inline(inline, out),
    }
}

fn names_inline(inline: &InlineExpression<&str>, out: &mut BTreeSet<String>) {
    match inline {
        InlineExpression::VariableReference { id } => drop(out.insert(format!("${}", id.name))),
        InlineExpression::MessageReference { id, .. } => drop(out.insert(id.name.to_owned())),
        InlineExpression::TermReference { id, .. } => drop(out.insert(format!("-{}", id.name))),
        InlineExpression::FunctionReference { arguments, .. } => {
            let named = arguments.named.iter().map(|argument| &argument.value);
            for argument in arguments.positional.iter().chain(named) {
                names_inline(argument, out);
            }
        }
        InlineExpression::Placeable { expression } => names_of(expression, out),
        InlineExpression::StringLiteral { .. } | InlineExpression::NumberLiteral { .. } => {}
    }
}

/// A choice gives a form for each variant; a second choice in the same text varies together with the first.
fn forms(pattern: &Pattern<&str>) -> Vec<String> {
    let mut forms = vec![String::new()];
    for element in &pattern.elements {
        let tails = match element {
            PatternElement::TextElement { value } => vec![(*value).to_owned()],
            PatternElement::Placeable { expression: Expression::Select { variants, .. } } => {
                variants.iter().flat_map(|variant| self::forms(&variant.value)).collect()
            }
            PatternElement::Placeable { expression: Expression::Inline(InlineExpression::StringLiteral { value }) } => {
                vec![(*value).to_owned()]
            }
            PatternElement::Placeable { .. } => vec!["{}".to_owned()],
        };
        let count = forms.len().max(tails.len());
        forms = (0..count).map(|at| format!("{}{}", forms[at.min(forms.len() - 1)], tails[at.min(tails.len() - 1)])).collect();
    }
    forms
}

#[cfg(test)]
pub fn sample(files: &[(&str, &str)]) -> Locales {
    let files: Vec<File> = files.iter().map(|(path, text)| File::new(path, text)).collect();
    let (locales, complaints) = parse(&files);
    crate::holds(&complaints);
    locales
}

#[test]
fn the_files_are_read() {
    crate::holds(&read().1);
}

#[test]
fn what_fluent_cannot_read_is_caught() {
    let complaints = |path: &str, text: &str| parse(&[File::new(path, text)]).1;
    assert!(complaints("locales/en/a.ftl", "a-b = { $c\n")[0].contains("locales/en/a.ftl:"));
    crate::bites(&complaints("locales/en/a.ftl", "a-b = c\na-b = d\n"), "twice");
    crate::bites(&complaints("locales/de/a.ftl", "a-b = c\n"), "locales/de");
}

#[test]
fn arguments_and_forms_are_found() {
    let text = "a-b = { $n ->\n    [one] One { $thing }\n   *[other] { NUMBER($m) } things\n } here\n    .hint = { $x }\n";
    let locales = sample(&[("locales/en/a.ftl", text)]);
    let texts = &locales["en"];
    assert_eq!(texts[0].args.iter().map(String::as_str).collect::<Vec<_>>(), ["m", "n", "thing"]);
    assert_eq!(texts[0].forms, ["One {} here", "{} things here"]);
    assert_eq!((texts[1].key.as_str(), texts[1].forms.as_slice()), ("a-b.hint", ["{}".to_owned()].as_slice()));
}
