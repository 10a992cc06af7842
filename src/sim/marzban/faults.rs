//! What can be ordered to go wrong, and what was asked.
//! Always: the first fault that fits a call is used, and counts down.
//! Never: what a call means.

use super::reply::Question;

/// Something that shall go wrong.
#[derive(Debug, Clone)]
pub struct Fault {
    /// The beginning of the path, as `/api/user`; empty fits all.
    pub path_prefix: String,
    /// `GET`, `POST` ...; `None` fits all.
    pub method: Option<&'static str>,
    pub kind: FaultKind,
    /// Calls that it spoils; `u32::MAX` is for ever.
    pub times: u32,
}

/// How a call goes wrong.
#[derive(Debug, Clone)]
pub enum FaultKind {
    /// Answers this and does nothing.
    Status(u16, String),
    /// Does it, and then answers this.
    StatusAfter(u16),
    /// Says nothing for so long, and does nothing.
    Silent { ms: u64 },
    /// Does it, and then says nothing for so long.
    SilentAfter { ms: u64 },
    /// Says nothing for so long; does it only when the test says so (`Marzban::land_late`), long after the asker has left.
    Late { ms: u64 },
    /// Closes the connection and does nothing.
    Cut,
    /// Does it, and then closes the connection.
    CutAfter,
}

/// Whether the panel is there at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Down {
    #[default]
    No,
    /// The proxy before the panel answers 502 to everything.
    BadGateway,
    /// The port is closed.
    Closed,
}

/// One call that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    pub method: String,
    /// Without the query. A subscription token is left out.
    pub path: String,
    pub query: String,
    pub status: u16,
}

/// Faults in wait, and the log.
#[derive(Default)]
pub(super) struct Watch {
    pub faults: Vec<Fault>,
    /// The fault of one call, and how many calls until then.
    pub at: Option<(usize, FaultKind)>,
    pub late: Vec<Question>,
    pub down: Down,
    pub is_auth_broken: bool,
    pub calls: Vec<Asked>,
    pub violations: Vec<String>,
}

impl Watch {
    /// The fault for this call, if one waits for it.
    pub fn take(&mut self, method: &str, path: &str) -> Option<FaultKind> {
        if self.down != Down::No {
            return None;
        }
        if let Some((calls, kind)) = &mut self.at {
            *calls = calls.saturating_sub(1);
            if *calls == 0 {
                let kind = kind.clone();
                self.at = None;
                return Some(kind);
            }
        }
        let at = self
            .faults
            .iter()
            .position(|fault| path.starts_with(&fault.path_prefix) && fault.method.is_none_or(|wanted| wanted == method))?;
        let fault = &mut self.faults[at];
        let kind = fault.kind.clone();
        if fault.times != u32::MAX {
            fault.times = fault.times.saturating_sub(1);
        }
        if fault.times == 0 {
            self.faults.remove(at);
        }
        Some(kind)
    }
}
