//! The fields of a report's buttons: its days, what sales are told apart by, a sheet, a kind of file.
use super::codec::Field;
use crate::shop::reports::{By, Form, Sheet, Span};

impl Field for Span {
    fn write(&self, out: &mut String) {
        match self {
            Self::Today => out.push('t'),
            Self::Yesterday => out.push('y'),
            Self::Week => out.push('w'),
            Self::Month => out.push('m'),
            Self::Days { first, last } => {
                out.push_str(&first.to_string());
                out.push('-');
                out.push_str(&last.to_string());
            }
        }
    }

    fn read(text: &str) -> Option<Self> {
        Some(match text {
            "t" => Self::Today,
            "y" => Self::Yesterday,
            "w" => Self::Week,
            "m" => Self::Month,
            days => {
                let (first, last) = days.split_once('-')?;
                Self::Days { first: first.parse().ok()?, last: last.parse().ok()? }
            }
        })
    }

    #[cfg(test)]
    fn extremes() -> Vec<Self> {
        let days = |first, last| Self::Days { first, last };
        [Self::READY.to_vec(), vec![days(0, 0), days(i32::MAX, i32::MAX)]].concat()
    }
}

const fn by_code(by: By) -> &'static str {
    match by {
        By::Plan => "p",
        By::Location => "l",
        By::Method => "m",
        By::Agent => "a",
    }
}

impl Field for By {
    fn write(&self, out: &mut String) {
        out.push_str(by_code(*self));
    }

    fn read(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|by| by_code(*by) == text)
    }

    #[cfg(test)]
    fn extremes() -> Vec<Self> {
        Self::ALL.to_vec()
    }
}

impl Field for Sheet {
    fn write(&self, out: &mut String) {
        out.push_str(self.code());
    }

    fn read(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|sheet| sheet.code() == text)
    }

    #[cfg(test)]
    fn extremes() -> Vec<Self> {
        Self::ALL.to_vec()
    }
}

const fn form_code(form: Form) -> &'static str {
    match form {
        Form::Workbook => "x",
        Form::Csv => "c",
    }
}

impl Field for Form {
    fn write(&self, out: &mut String) {
        out.push_str(form_code(*self));
    }

    fn read(text: &str) -> Option<Self> {
        [Self::Workbook, Self::Csv].into_iter().find(|form| form_code(*form) == text)
    }

    #[cfg(test)]
    fn extremes() -> Vec<Self> {
        vec![Self::Workbook, Self::Csv]
    }
}
