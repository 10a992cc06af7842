//! The job that makes the file of an agent's statement and sends it where it was asked for.
//!
//! Always: it ends at the moment of the question, as the screen did; whoever may not have it any more gets nothing. A crash between the
//! sending and its mark sends the file again.
use super::statement::{Desk, Of, screen, title_of};
use crate::app::App;
use crate::base::Fault;
use crate::base::format::Voice;
use crate::base::texts::{Arg, args};
use crate::bot::admin::named;
use crate::bot::screen::Screen;
use crate::bot::upload::{BYTES_MAX, Spot};
use crate::queue::jobs::{Act, Attempt, JobError};
use crate::shop::accounts::{self, Customer, Right};
use crate::shop::agents::{self, Agency};
use crate::shop::reports::{self, Asked, Look, StatementFile};
use crate::shop::settings;

impl Act<App> for StatementFile {
    const TRIES: u32 = 5;

    async fn run(self, app: &App, _attempt: Attempt) -> Result<(), JobError> {
        let Some(agency) = self.allowed(app).await? else {
            tracing::warn!(target: "security", by = %self.by, "a statement was asked for by somebody who may not have it any more");
            return Ok(());
        };
        let (settings, voice) = (settings::current(&app.db).await?, self.voice(app).await?);
        let period = self.span.period(voice.zone, voice.now);
        let (first, last) = self.span.dates(voice.zone, voice.now);
        let asked = Asked { account: agency.account(settings.asset), from: period.from, to: period.to, title: title_of(&agency) };
        let name = format!("statement-{}-{first}-{last}", self.agent);
        let made = reports::statement(&app.db, &asked, &Look { form: self.form, voice, name }).await?;
        if made.bytes > BYTES_MAX {
            return Ok(self.spot().show(app, Screen::new(voice.t("account-file-large"))).await?);
        }
        let span = named(&voice, (period.from, period.to));
        let caption = voice.t_args("report-file-caption", &args!["what" => voice.t("statement-sheet"), "span" => span]);
        let of = Of { agency: &agency, desk: self.desk() };
        let statement = screen(app, &voice, of, (self.span, 0)).await?;
        self.spot().send(app, made, caption).await?;
        self.spot().close(app, statement).await;
        Ok(())
    }

    async fn gave_up(self, app: &App, _why: &str) -> Result<(), Fault> {
        let voice = self.voice(app).await?;
        let code = Arg::code(format!("statement:{}", self.asked_at.0));
        self.spot().show(app, Screen::new(voice.t_args("account-file-failed", &args!["code" => code]))).await
    }
}

impl StatementFile {
    fn desk(&self) -> Desk {
        if self.by == self.agent { Desk::Own } else { Desk::Staff }
    }

    const fn spot(&self) -> Spot {
        Spot { chat: self.chat, thread: self.thread, message: self.message }
    }

    /// The voice of the moment in which it was asked for.
    async fn voice(&self, app: &App) -> Result<Voice, Fault> {
        Ok(Voice::new(self.lang, settings::current(&app.db).await?.zone(), self.asked_at))
    }

    /// The agency, if whoever asked may still read its account.
    async fn allowed(&self, app: &App) -> Result<Option<Agency>, Fault> {
        let conn = app.db.read();
        match self.desk() {
            Desk::Own => {
                let Some(customer) = accounts::person(conn, self.by).await?.and_then(Customer::of) else { return Ok(None) };
                Ok(agents::agent(conn, &customer).await?.map(|agent| (*agent).clone()))
            }
            Desk::Staff => {
                let by = accounts::admin(conn, self.by, &app.owners).await?;
                if by.is_some_and(|by| by.may(Right::Money)) { agents::agency(conn, self.agent).await } else { Ok(None) }
            }
        }
    }
}
