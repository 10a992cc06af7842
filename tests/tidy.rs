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
