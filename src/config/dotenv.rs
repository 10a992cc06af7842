//! The file `.env` of the working directory: what it sets, and the lines of it that cannot be read.
//!
//! Always: one bad line takes no other with it, and what stood on it is not printed: it may be a secret.
use super::Mistake;
use std::collections::HashMap;
use std::io::ErrorKind;
use std::path::Path;

/// What the file says.
#[derive(Debug, Default)]
pub(super) struct DotEnv {
    pub values: HashMap<String, String>,
    pub mistakes: Vec<Mistake>,
}

impl DotEnv {
    /// A file that is not there says nothing.
    pub fn read(path: &Path) -> Self {
        match std::fs::read_to_string(path) {
            Ok(text) => Self::parse(text.trim_start_matches('\u{feff}')),
            Err(error) if error.kind() == ErrorKind::NotFound => Self::default(),
            Err(error) => Self { values: HashMap::new(), mistakes: vec![mistake(format!("the file cannot be read: {error}"))] },
        }
    }

    /// The first of several lines of one name counts.
    fn parse(text: &str) -> Self {
        let (mut file, mut told) = (Self::default(), 0);
        for item in dotenvy::from_read_iter(text.as_bytes()) {
            match item {
                Ok((name, value)) => drop(file.values.entry(name).or_insert(value)),
                Err(dotenvy::Error::LineParse(bad, _)) => {
                    // What is handed back is the line, or only what stands behind its name.
                    let first = bad.lines().next().unwrap_or_default().trim_end();
                    let found = text.lines().skip(told).position(|line| line.trim_end().ends_with(first));
                    told += found.map_or(0, |before| before + 1);
                    file.mistakes.push(mistake(format!("line {told} cannot be read")));
                }
                Err(error) => file.mistakes.push(mistake(format!("the file cannot be read: {error}"))),
            }
        }
        file
    }
}

fn mistake(what: String) -> Mistake {
    Mistake { name: ".env", what, example: "NAME='a value with spaces, # or $ in it'".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::DotEnv;

    #[test]
    fn a_bad_line_is_told_by_its_number_and_takes_no_other_with_it() {
        let file = DotEnv::parse("A=1\n# a comment\nB=two words of hunter2\nC='two words'\nA=2\nD hunter2\nE=5\n");
        let told: Vec<&str> = file.mistakes.iter().map(|mistake| mistake.what.as_str()).collect();
        assert_eq!(told, ["line 3 cannot be read", "line 6 cannot be read"]);
        let value = |name: &str| file.values.get(name).map(String::as_str);
        assert_eq!((value("A"), value("B"), value("C")), (Some("1"), None, Some("two words")));
        assert_eq!((value("D"), value("E")), (None, Some("5")));
        let open = DotEnv::parse("A=1\nB=\"never closed\nC=3\n");
        assert_eq!(open.mistakes[0].what, "line 2 cannot be read");
    }

    #[test]
    fn a_file_that_is_not_there_says_nothing_and_one_that_cannot_be_read_is_told() {
        let missing = DotEnv::read(std::path::Path::new("no such folder/.env"));
        assert!(missing.values.is_empty() && missing.mistakes.is_empty());
        let folder = DotEnv::read(std::path::Path::new("."));
        assert_eq!(folder.mistakes.len(), 1);
    }
}
