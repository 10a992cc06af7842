//! The walls of the house: reads the source, and fails where the plan is broken.
//!
//! Each rule is a function from files to complaints. It is held twice: the tree has no complaint, and a sample that breaks
//! the rule has one (a check that cannot fail is a defect). A complaint says what to do instead. What the compiler and
//! clippy already hold (unsafe code, unwrap, casts, banned calls) is not held again here.
#![expect(clippy::expect_used, reason = "a check that cannot read the source must stop and say why")]

#[path = "tidy/dependencies.rs"]
mod dependencies;
#[path = "tidy/doors.rs"]
mod doors;
#[path = "tidy/imports.rs"]
mod imports;
#[path = "tidy/rows.rs"]
mod rows;
#[path = "tidy/shape.rs"]
mod shape;
#[path = "tidy/source.rs"]
mod source;
#[path = "tidy/tree.rs"]
mod tree;

use source::File;

/// Fails with every complaint at once, so that one run shows all that is to be mended.
fn holds(complaints: &[String]) {
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}

/// Shows that a rule bites: the sample gives exactly one complaint, and it holds `words`.
fn bites(complaints: &[String], words: &str) {
    assert_eq!(complaints.len(), 1, "{complaints:#?}");
    assert!(complaints[0].contains(words), "«{words}» is not in: {}", complaints[0]);
}

fn sample(path: &str, text: &str) -> Vec<File> {
    vec![File::new(path, text)]
}

#[test]
fn code_is_told_from_words_about_it() {
    let file = File::new(
        "src/x.rs",
        "// a::b\nlet c = '\"'; /* d /* e */ f */ let s: &'static str = \"g \\\" h\"; let r = r#\"i \" j\"#; k(b'\\'', 'ب');\n",
    );
    for gone in ["a::b", " d ", " e ", " f ", " h", " i ", " j"] {
        assert!(!file.code.contains(gone), "{gone} is left in: {}", file.code);
    }
    assert!(file.code.contains("&'static str") && file.code.contains("k(b'"), "{}", file.code);
    assert_eq!(file.code.lines().count(), 2);
    let held: Vec<&str> = file.strings.iter().map(|(_, held)| held.as_str()).collect();
    assert_eq!(held, ["g \" h", "i \" j"]);
}

#[test]
fn test_modules_are_left_out() {
    let file = File::new(
        "src/x.rs",
        "fn a() {}\n#[cfg(test)]\nmod tests {\n fn b() { \"B\"; }\n}\nfn c() {}\n#[cfg(test)]\nmod more;\nfn d() {}\n",
    );
    assert!(file.code.contains("fn a") && file.code.contains("fn c") && file.code.contains("fn d"));
    assert!(!file.code.contains("fn b") && !file.code.contains("more"));
    assert!(file.strings.is_empty());
}
