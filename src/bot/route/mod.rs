//! Every button there is: what it means, and how it is written into Telegram's 64 bytes.
//!
//! A route is written as `1`, the letter of its family (`c`, `g`, `a`, `m`, `y`), the tag of its variant, and its fields behind dots. The first letter is the version: when
//! a variant changes its shape, old buttons must not be read as something else, so the letter moves. What cannot be read
//! is an old button, never an error. A route says *what was asked*; whether this person may have it is decided by who
//! handles it, each time.
mod admin;
mod agency;
mod agent;
mod codec;
mod customer;
mod methods;
mod report;

pub use admin::{AdminRoute, Why};
pub use agency::AgencyRoute;
pub use agent::{AgentRoute, Rack};
pub use customer::{CustomerRoute, PayBy};
pub use methods::{MethodField, MethodRoute};

use codec::Fields;

const VERSION: char = '1';

/// Telegram's limit for the data of a button.
pub const BYTES_MAX: usize = 64;

/// What a button means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Route {
    Customer(CustomerRoute),
    Agent(AgentRoute),
    Admin(AdminRoute),
    Method(MethodRoute),
    Agency(AgencyRoute),
}

impl Route {
    /// As Telegram carries it.
    pub fn encode(&self) -> String {
        let mut out = String::with_capacity(BYTES_MAX);
        out.push(VERSION);
        match self {
            Self::Customer(route) => {
                out.push('c');
                route.write(&mut out);
            }
            Self::Agent(route) => {
                out.push('g');
                route.write(&mut out);
            }
            Self::Agency(route) => {
                out.push('y');
                route.write(&mut out);
            }
            Self::Admin(route) => {
                out.push('a');
                route.write(&mut out);
            }
            Self::Method(route) => {
                out.push('m');
                route.write(&mut out);
            }
        }
        if out.len() > BYTES_MAX {
            tracing::error!(route = ?self, "a route does not fit a button; it leads home");
            return Self::home().encode();
        }
        out
    }

    /// `None` for what an older version wrote, or nobody.
    pub fn decode(data: &str) -> Option<Self> {
        let rest = data.strip_prefix(VERSION)?;
        if let Some(rest) = rest.strip_prefix('c') {
            return CustomerRoute::read(&mut Fields::of(rest)).map(Self::Customer);
        }
        if let Some(rest) = rest.strip_prefix('m') {
            return MethodRoute::read(&mut Fields::of(rest)).map(Self::Method);
        }
        if let Some(rest) = rest.strip_prefix('y') {
            return AgencyRoute::read(&mut Fields::of(rest)).map(Self::Agency);
        }
        if let Some(rest) = rest.strip_prefix('g') {
            return AgentRoute::read(&mut Fields::of(rest)).map(Self::Agent);
        }
        AdminRoute::read(&mut Fields::of(rest.strip_prefix('a')?)).map(Self::Admin)
    }

    pub const fn home() -> Self {
        Self::Customer(CustomerRoute::Home)
    }
}

impl From<CustomerRoute> for Route {
    fn from(route: CustomerRoute) -> Self {
        Self::Customer(route)
    }
}

impl From<AgentRoute> for Route {
    fn from(route: AgentRoute) -> Self {
        Self::Agent(route)
    }
}

impl From<AdminRoute> for Route {
    fn from(route: AdminRoute) -> Self {
        Self::Admin(route)
    }
}

impl From<AgencyRoute> for Route {
    fn from(route: AgencyRoute) -> Self {
        Self::Agency(route)
    }
}

impl From<MethodRoute> for Route {
    fn from(route: MethodRoute) -> Self {
        Self::Method(route)
    }
}

#[cfg(test)]
mod tests {
    use super::{AdminRoute, AgencyRoute, AgentRoute, BYTES_MAX, CustomerRoute, MethodRoute, Route};
    use std::collections::HashSet;

    fn all() -> Vec<Route> {
        let customer = CustomerRoute::extremes().into_iter().map(Route::from);
        let agent = AgentRoute::extremes().into_iter().map(Route::from);
        let staff = AdminRoute::extremes().into_iter().map(Route::from);
        let methods = MethodRoute::extremes().into_iter().map(Route::from);
        let agencies = AgencyRoute::extremes().into_iter().map(Route::from);
        customer.chain(agent).chain(staff).chain(methods).chain(agencies).collect()
    }

    #[test]
    fn every_route_is_read_back_as_it_was_written() {
        for route in all() {
            assert_eq!(Route::decode(&route.encode()), Some(route));
        }
    }

    #[test]
    fn every_route_fits_a_button() {
        for route in all() {
            let data = route.encode();
            assert!((1..=BYTES_MAX).contains(&data.len()), "{route:?} takes {} bytes", data.len());
        }
    }

    #[test]
    fn no_two_routes_are_written_alike() {
        let mut seen = HashSet::new();
        for route in all() {
            assert!(seen.insert(route.encode()), "{route:?}");
        }
    }

    #[test]
    fn old_and_foreign_buttons_are_no_routes() {
        for data in ["", "1", "1c", "0ch", "1zh", "buy:5", "1ch.extra", "1cv.notanid", "🙂", "1cst.99999999999"] {
            assert_eq!(Route::decode(data), None, "{data}");
        }
    }
}
