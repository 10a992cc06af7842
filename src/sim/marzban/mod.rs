//! A double of Marzban 0.8.4, written from recorded answers of a real one, with its traps.
//! Always: time comes from the injected clock; the same calls give the same answers; whatever a real Marzban would refuse or
//! choke on is kept as a violation, so that a test can fail on it.
//! Never: shares code with the client it is there to catch out; nodes, hosts, templates and webhooks are left out.

mod auth;
mod faults;
mod gate;
mod links;
mod list;
mod reply;
mod serve;
mod sub;
#[cfg(test)]
mod tests;
mod users;
mod validate;
mod world;

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

pub use faults::{Asked, Down, Fault, FaultKind};
pub use world::Clock;
use world::{Admin, Status, World};

/// One simulated panel. Clones are the same panel; when the last is dropped, it stops serving.
#[derive(Clone)]
pub struct Marzban {
    world: Arc<World>,
    serving: Arc<Mutex<Option<Serving>>>,
}

struct Serving {
    url: String,
    task: JoinHandle<()>,
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// An account as it is in the panel's database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub username: String,
    /// `active`, `disabled`, `limited`, `expired` or `on_hold`.
    pub status: &'static str,
    pub used_bytes: i64,
    pub data_limit: Option<i64>,
    pub expire: Option<i64>,
    pub note: Option<String>,
    pub online_at: Option<i64>,
    pub sub_updated_at: Option<i64>,
}

impl Marzban {
    /// An empty panel without admins.
    pub fn new(clock: Clock) -> Self {
        Self { world: Arc::new(World::new(clock)), serving: Arc::default() }
    }

    /// The panel's routes, to be served by somebody else. Such a one cannot close its port.
    pub fn router(&self) -> Router {
        serve::router(Arc::clone(&self.world))
    }

    /// Serves on a free port of this machine; gives the address, without a slash at its end. A second call gives the same.
    pub async fn start(&self) -> io::Result<String> {
        if let Some(url) = self.url() {
            return Ok(url);
        }
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        let task = serve::spawn(Arc::clone(&self.world), listener)?;
        *self.serving.lock().unwrap_or_else(PoisonError::into_inner) = Some(Serving { url: url.clone(), task });
        Ok(url)
    }

    /// Where it serves, once started.
    pub fn url(&self) -> Option<String> {
        self.serving.lock().unwrap_or_else(PoisonError::into_inner).as_ref().map(|serving| serving.url.clone())
    }

    /// A sudo admin in the panel's database, as a shop should have.
    pub fn add_admin(&self, username: &str, password: &str) {
        self.add(username, password, true, true);
    }

    /// A sudo admin that exists in the panel's environment only: its users have no owner, and cannot be deleted cleanly.
    pub fn add_env_admin(&self, username: &str, password: &str) {
        self.add(username, password, true, false);
    }

    /// An admin who sees only own users.
    pub fn add_reseller(&self, username: &str, password: &str) {
        self.add(username, password, false, true);
    }

    fn add(&self, username: &str, password: &str, is_sudo: bool, in_database: bool) {
        let (username, password) = (username.to_owned(), password.to_owned());
        self.world.state().admins.push(Admin { username, password, is_sudo, in_database, generation: 0 });
    }

    /// A new password for an admin; its tokens are void.
    pub fn set_password(&self, username: &str, password: &str) {
        for admin in self.world.state().admins.iter_mut().filter(|admin| admin.username == username) {
            password.clone_into(&mut admin.password);
            admin.generation += 1;
        }
    }

    /// Makes every token void, as a panel moved to a new database would.
    pub fn void_tokens(&self) {
        for admin in &mut self.world.state().admins {
            admin.generation += 1;
        }
    }

    /// Seconds that tokens live from now on; zero or less is for ever.
    pub fn set_token_life(&self, seconds: i64) {
        self.world.state().token_life = seconds;
    }

    pub fn set_core_running(&self, is_running: bool) {
        self.world.state().core_running = is_running;
    }

    /// Takes all inbounds away: links stay good and hold no server.
    pub fn remove_inbounds(&self) {
        self.world.state().inbounds.clear();
    }

    /// All accounts, in the order of their creation.
    pub fn accounts(&self) -> Vec<Row> {
        let now = self.world.now();
        let mut state = self.world.state();
        state.review_if_due(now);
        let row = |user: &world::User| Row {
            username: user.username.clone(),
            status: user.status.as_str(),
            used_bytes: user.used,
            data_limit: user.data_limit,
            expire: user.expire,
            note: user.note.clone(),
            online_at: user.online_at,
            sub_updated_at: user.sub_updated_at,
        };
        state.users.iter().map(row).collect()
    }

    /// Accounts of that name: none or one, unless something went wrong.
    pub fn accounts_named(&self, username: &str) -> Vec<Row> {
        self.accounts().into_iter().filter(|row| row.username == username).collect()
    }

    /// Users that were deleted and that the running core still carries.
    pub fn ghosts(&self) -> Vec<String> {
        self.world.state().ghosts.clone()
    }

    /// The account has used so many bytes since its last reset. The panel reviews it at once. False when there is none.
    pub fn set_usage(&self, username: &str, bytes: i64) -> bool {
        self.world.use_up(username, bytes)
    }

    /// The customer connects: seen online, and an account on hold begins its time. False when the account is not carried.
    pub fn connect(&self, username: &str) -> bool {
        let now = self.world.now();
        let mut state = self.world.state();
        state.review(now);
        let Some(user) = state.user_mut(username).filter(|user| user.is_carried()) else { return false };
        user.online_at = Some(now);
        if user.status == Status::OnHold {
            user.begin(now);
        }
        true
    }

    /// Orders something to go wrong. Faults wait in the order of their orders.
    pub fn fault(&self, fault: Fault) {
        self.world.watch().faults.push(fault);
    }

    /// Spoils one call, whatever it is: the first from now on is 1. Calls while the panel is down do not count.
    pub fn fault_at(&self, number: usize, kind: FaultKind) {
        self.world.watch().at = Some((number.max(1), kind));
    }

    /// Forgets the faults that wait; says whether the one of [`Marzban::fault_at`] was among them.
    pub fn clear_faults(&self) -> bool {
        let mut watch = self.world.watch();
        watch.faults.clear();
        watch.at.take().is_some()
    }

    /// Does now what `FaultKind::Late` held back, in its order; says how many calls that were.
    pub fn land_late(&self) -> usize {
        let late = std::mem::take(&mut self.world.watch().late);
        for question in &late {
            serve::answer(&self.world, question);
        }
        late.len()
    }

    /// Takes the panel away or brings it back, and returns when that is so. A panel that somebody else serves cannot close
    /// its port: it answers 502 instead.
    pub async fn set_down(&self, down: Down) {
        self.world.watch().down = down;
        if self.url().is_some() {
            self.world.gate.set_open(down != Down::Closed).await;
        }
    }

    /// From now on no login and no token is good, or all are as they were.
    pub fn set_auth_broken(&self, is_broken: bool) {
        self.world.watch().is_auth_broken = is_broken;
    }

    /// All calls so far, faults included.
    pub fn calls(&self) -> Vec<Asked> {
        self.world.watch().calls.clone()
    }

    /// How many calls of this method there were to paths that begin so.
    pub fn count(&self, method: &str, path_prefix: &str) -> usize {
        let watch = self.world.watch();
        watch.calls.iter().filter(|call| call.method == method && call.path.starts_with(path_prefix)).count()
    }

    /// How often somebody logged in, well or not.
    pub fn logins(&self) -> usize {
        self.count("POST", "/api/admin/token")
    }

    /// What a real Marzban would have refused, dropped in silence or choked on.
    pub fn violations(&self) -> Vec<String> {
        self.world.watch().violations.clone()
    }

    /// Forgets the violations: for a test that asks for one.
    pub fn forgive(&self) {
        self.world.watch().violations.clear();
    }
}
