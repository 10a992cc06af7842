//! How the fields of a route are written and read: text without dots, behind dots.
use crate::base::{ApplicationId, BatchId, Lang, OrderId, PaymentId, PersonId, SubscriptionId};
use crate::shop::catalog::Mark;

/// A value that a button can carry. `write` must give no dot, and `read` must take what `write` gave and nothing else.
pub(super) trait Field: Sized {
    fn write(&self, out: &mut String);
    fn read(text: &str) -> Option<Self>;
    /// The longest and the shortest there can be, for tests.
    #[cfg(test)]
    fn extremes() -> Vec<Self>;
}

/// The fields of a route that is being read; each is taken once.
pub(super) struct Fields<'a> {
    rest: std::str::Split<'a, char>,
}

impl<'a> Fields<'a> {
    pub fn of(text: &'a str) -> Self {
        Self { rest: text.split('.') }
    }

    pub fn text(&mut self) -> Option<&'a str> {
        self.rest.next()
    }

    pub fn take<F: Field>(&mut self) -> Option<F> {
        F::read(self.rest.next()?)
    }

    /// Nothing may be left over: a longer text is another version's.
    pub fn end(&mut self) -> Option<()> {
        self.rest.next().is_none().then_some(())
    }
}

macro_rules! code_field {
    ($($kind:ty),*) => {$(
        impl Field for $kind {
            fn write(&self, out: &mut String) {
                out.push_str(&self.to_string());
            }

            fn read(text: &str) -> Option<Self> {
                Self::parse(text)
            }

            #[cfg(test)]
            fn extremes() -> Vec<Self> {
                vec![Self(0), Self((1 << 50) - 1)]
            }
        }
    )*};
}
code_field!(ApplicationId, BatchId, OrderId, PaymentId, SubscriptionId);

macro_rules! number_field {
    ($($kind:ty, $least:expr, $most:expr);*) => {$(
        impl Field for $kind {
            fn write(&self, out: &mut String) {
                out.push_str(&self.to_string());
            }

            fn read(text: &str) -> Option<Self> {
                text.parse().ok()
            }

            #[cfg(test)]
            fn extremes() -> Vec<Self> {
                vec![$least, $most]
            }
        }
    )*};
}
number_field!(u32, 0, u32::MAX; i64, i64::MIN, i64::MAX);

impl Field for PersonId {
    fn write(&self, out: &mut String) {
        self.0.write(out);
    }

    fn read(text: &str) -> Option<Self> {
        i64::read(text).map(Self)
    }

    #[cfg(test)]
    fn extremes() -> Vec<Self> {
        vec![Self(0), Self(i64::MAX)]
    }
}

impl Field for Mark {
    fn write(&self, out: &mut String) {
        let digits = format!("{:x}", self.0);
        out.push_str(&digits);
    }

    fn read(text: &str) -> Option<Self> {
        u32::from_str_radix(text, 16).ok().map(Self)
    }

    #[cfg(test)]
    fn extremes() -> Vec<Self> {
        vec![Self(0), Self(u32::MAX)]
    }
}

impl Field for Lang {
    fn write(&self, out: &mut String) {
        out.push_str(self.code());
    }

    fn read(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|lang| lang.code() == text)
    }

    #[cfg(test)]
    fn extremes() -> Vec<Self> {
        Self::ALL.to_vec()
    }
}

/// Defines an enum of routes with its codec: a variant, its tag, its fields.
macro_rules! routes {
    (
        $(#[$doc:meta])* $name:ident {
            $($(#[$why:meta])* $variant:ident $({ $($field:ident : $kind:ty),* $(,)? })? = $tag:literal,)*
        }
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum $name {
            $($(#[$why])* $variant $({ $($field: $kind),* })?,)*
        }

        impl $name {
            pub(super) fn write(&self, out: &mut String) {
                match self {
                    $(Self::$variant $({ $($field),* })? => {
                        out.push_str($tag);
                        $($(
                            out.push('.');
                            $crate::bot::route::codec::Field::write($field, out);
                        )*)?
                    })*
                }
            }

            pub(super) fn read(fields: &mut $crate::bot::route::codec::Fields<'_>) -> Option<Self> {
                let route = match fields.text()? {
                    $($tag => Self::$variant $({ $($field: fields.take::<$kind>()?),* })?,)*
                    _ => return None,
                };
                fields.end()?;
                Some(route)
            }

            /// Each variant with its fields at both ends of what they can be.
            #[cfg(test)]
            pub(in crate::bot) fn extremes() -> Vec<Self> {
                let mut all = Vec::new();
                $({
                    $($(let $field = <$kind as $crate::bot::route::codec::Field>::extremes();)*)?
                    let ends: usize = [1 $($(, $field.len())*)?].into_iter().max().unwrap_or(1);
                    for end in 0..ends {
                        let _ = end;
                        all.push(Self::$variant $({ $($field: $field[end.min($field.len() - 1)].clone()),* })?);
                    }
                })*
                all
            }
        }
    };
}
pub(super) use routes;
