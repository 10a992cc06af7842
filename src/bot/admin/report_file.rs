//! The job that makes a report's file and sends it where it was asked for.
//!
//! Always: the file holds what the report showed, since both end at the moment of the question; the line that says that it is being
//! made becomes the report again. Whoever lost the right meanwhile gets nothing. A crash between the sending and its mark sends the file again.
use super::report;
use crate::app::App;
use crate::base::Fault;
use crate::base::format::Voice;
use crate::base::texts::args;
use crate::bot::screen::Screen;
use crate::bot::upload::{BYTES_MAX, Spot};
use crate::queue::jobs::{self, Act, Attempt, JobError};
use crate::shop::accounts::{self, Right};
use crate::shop::reports::{self, Draft, Look, Made, ReportFile, Sheet, Span};
use crate::shop::settings;

impl Act<App> for ReportFile {
    const TRIES: u32 = 5;

    async fn run(self, app: &App, attempt: Attempt) -> Result<(), JobError> {
        let by = accounts::admin(app.db.read(), self.by, &app.owners).await?;
        if !by.is_some_and(|by| by.may(Right::Money)) {
            tracing::warn!(target: "security", by = %self.by, "a file was asked for by somebody who may not have it any more");
            return Ok(());
        }
        let voice = self.voice(app).await?;
        let made = self.make(app, &voice).await?;
        if made.bytes > BYTES_MAX {
            return Ok(self.in_parts(app, &voice, attempt).await?);
        }
        let report = report::screen(app, &voice, self.span).await?;
        self.send(app, &voice, made).await?;
        self.spot().close(app, report).await;
        Ok(())
    }

    async fn gave_up(self, app: &App, _why: &str) -> Result<(), Fault> {
        let voice = self.voice(app).await?;
        let code = format!("{}:{}", Self::CODE, self.asked_at.0);
        self.spot()
            .show(app, Screen::new(voice.t_args("report-file-failed", &args!["code" => crate::base::texts::Arg::code(code)])))
            .await
    }
}

impl ReportFile {
    const CODE: &'static str = "report_file";

    /// The voice of the moment in which it was asked for.
    async fn voice(&self, app: &App) -> Result<Voice, Fault> {
        let settings = settings::current(&app.db).await?;
        Ok(Voice::new(self.lang, settings.zone(), self.asked_at))
    }

    async fn make(&self, app: &App, voice: &Voice) -> Result<Made, Fault> {
        let settings = settings::current(&app.db).await?;
        let period = self.span.period(voice.zone, voice.now);
        let (first, last) = self.span.dates(voice.zone, voice.now);
        let what = self.sheet.map_or("report", Sheet::code);
        let draft = Draft::begin(Look { form: self.form, voice: *voice, name: format!("{what}-{first}-{last}") });
        let sheets = self.sheet.map_or_else(|| Sheet::ALL.to_vec(), |sheet| vec![sheet]);
        let read = reports::export((&app.db, voice), settings.asset, &period, &sheets, &draft).await;
        draft.finish(read).await
    }

    async fn send(&self, app: &App, voice: &Voice, made: Made) -> Result<(), JobError> {
        let period = self.span.period(voice.zone, voice.now);
        let what = voice.t(self.sheet.map_or("report-workbook", Sheet::key));
        let span = report::named(voice, (period.from, period.to));
        let caption = voice.t_args("report-file-caption", &args!["what" => what, "span" => span]);
        self.spot().send(app, made, caption).await
    }

    /// Two files of half the days each; a day alone cannot be parted.
    async fn in_parts(self, app: &App, voice: &Voice, attempt: Attempt) -> Result<(), Fault> {
        let Some(halves) = halves(self.span) else {
            return self.spot().show(app, Screen::new(voice.t("report-file-large"))).await;
        };
        let parts = halves.map(|span| Self { span, message: None, ..self.clone() });
        let (job, now) = (attempt.job, attempt.now);
        app.write::<_, Fault, _>(move |tx| {
            Box::pin(async move {
                for (number, part) in (1..).zip(&parts) {
                    jobs::enqueue(tx, part, now, Some(format!("{job}/{number}"))).await?;
                }
                Ok(())
            })
        })
        .await?;
        let told = Screen::new(voice.t("report-file-parts"));
        let report = report::screen(app, voice, self.span).await?;
        self.spot().show(app, Screen { text: format!("{}\n\n{}", told.text, report.text), ..report }).await
    }

    const fn spot(&self) -> Spot {
        Spot { chat: self.chat, thread: self.thread, message: self.message }
    }
}

fn halves(span: Span) -> Option<[Span; 2]> {
    let Span::Days { first, last } = span else { return None };
    if first >= last {
        return None;
    }
    let middle = first + (last - first) / 2;
    Some([Span::Days { first, last: middle }, Span::Days { first: middle + 1, last }])
}

#[cfg(test)]
mod tests {
    use super::halves;
    use crate::shop::reports::Span;

    #[test]
    fn days_are_halved_until_there_is_one() {
        let days = |first, last| Span::Days { first, last };
        assert_eq!(halves(days(1, 4)), Some([days(1, 2), days(3, 4)]));
        assert_eq!(halves(days(1, 2)), Some([days(1, 1), days(2, 2)]));
        assert_eq!(halves(days(2, 2)), None);
    }
}
