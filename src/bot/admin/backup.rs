//! Backups in the admin group: an owner asks for one, and the group is shown what was made.
use super::words;
use crate::base::format::{Voice, digits, number};
use crate::base::texts::{Arg, args};
use crate::base::{Fault, Time};
use crate::bot::page::page;
use crate::bot::screen::{Answer, Media, Screen};
use crate::bot::turn::Turn;
use crate::bot::upload::BYTES_MAX;
use crate::queue::jobs;
use crate::shop::accounts::{self, Admin, Deed, Right};
use crate::shop::backups::{self, BackUp, Newest};
use std::path::Path;

/// `/backup`: the job makes it, and the group sees the file.
pub async fn ask(turn: &Turn, by: Admin) -> Result<Answer, Fault> {
    let voice = turn.voice();
    if let Some(told) = words::lacks(&voice, by, Right::Staff) {
        return Ok(Screen::new(told).into());
    }
    let newest = backups::newest(turn.app.db.read()).await?;
    let (now, occasion) = (turn.now, format!("asked:{}", turn.update));
    turn.app
        .write::<_, Fault, _>(move |tx| {
            Box::pin(async move {
                jobs::enqueue(tx, &BackUp { asked: Some(by.person()) }, now, Some(occasion)).await?;
                let subject = "shop".to_owned();
                let deed = Deed { by: by.person(), act: "backup.ask", subject, was: None, became: None, origin: by.origin() };
                accounts::audit(tx, &deed, now).await
            })
        })
        .await?;
    Ok(asked_view(&voice, newest.as_ref()).into())
}

fn asked_view(voice: &Voice, newest: Option<&Newest>) -> Screen {
    let before = newest.map(|newest| voice.t_args("backup-newest", &args!["moment" => voice.moment(newest.at)]));
    Screen::new(page(voice.t("backup-asked"), before, voice.t("backup-asked-next")))
}

/// How the file of a backup stands to this process and to Telegram.
#[derive(Debug, PartialEq, Eq)]
enum File {
    Here(Vec<u8>),
    TooLarge,
    /// Another machine made it, or it is gone.
    Elsewhere,
}

/// The backup with its file, when Telegram takes it.
pub async fn made(voice: &Voice, path: &str, bytes: i64, at: Time) -> Screen {
    let file = match tokio::fs::metadata(path).await {
        Ok(meta) if meta.len() > BYTES_MAX => File::TooLarge,
        Ok(_) => tokio::fs::read(path).await.map_or(File::Elsewhere, File::Here),
        Err(_) => File::Elsewhere,
    };
    made_view(voice, (path, bytes, at), file)
}

/// The same when Telegram did not take the file.
pub fn made_without_file(voice: &Voice, path: &str, bytes: i64, at: Time) -> Screen {
    let lies = voice.t_args("backup-lies-refused", &args!["path" => Arg::code(path)]);
    Screen::new(page(voice.t("backup-made"), facts(voice, bytes, at).into_iter().chain([lies]), voice.t("backup-made-next")))
}

fn made_view(voice: &Voice, (path, bytes, at): (&str, i64, Time), file: File) -> Screen {
    let path_code = Arg::code(path);
    let (lies, media) = match file {
        File::Here(bytes) => {
            let name = Path::new(path).file_name().and_then(|name| name.to_str()).unwrap_or("souk.backup").to_owned();
            (String::new(), Some(Media::Upload(name, bytes)))
        }
        File::TooLarge => (voice.t_args("backup-lies-large", &args!["path" => path_code]), None),
        File::Elsewhere => (voice.t_args("backup-lies", &args!["path" => path_code]), None),
    };
    let facts = facts(voice, bytes, at).into_iter().chain([lies]);
    let screen = Screen::new(page(voice.t("backup-made"), facts, voice.t("backup-made-next"))).keep();
    match media {
        Some(media) => screen.with(media),
        None => screen,
    }
}

fn facts(voice: &Voice, bytes: i64, at: Time) -> [String; 2] {
    [
        voice.t_args("backup-taken", &args!["moment" => words::at(voice, at)]),
        voice.t_args("backup-size", &args!["size" => Arg::html(megabytes(voice, bytes))]),
    ]
}

/// With one decimal, the nearest above nothing.
fn megabytes(voice: &Voice, bytes: i64) -> String {
    let tenths = (bytes.max(1) + 50_000).div_euclid(100_000).max(1);
    let point = if voice.lang == crate::base::Lang::En {
        '.'
    } else if voice.lang.is_rtl() {
        '٫'
    } else {
        ','
    };
    format!("{}{point}{}", number(voice.lang, tenths / 10), digits(voice.lang, &(tenths % 10).to_string()))
}

#[cfg(test)]
mod tests {
    use super::{File, asked_view, made_view, made_without_file};
    use crate::base::Time;
    use crate::bot::kit::tests::in_every_language;
    use crate::shop::backups::Newest;

    #[test]
    fn backups_in_every_language() {
        let at = Time(1_773_144_000_000);
        let path = "/var/lib/souk/backups/souk-1a2b3c4d-20260310T120000Z.backup";
        let newest = Newest { at, path: path.to_owned(), bytes: 1 };
        insta::assert_snapshot!(in_every_language(|voice| vec![
            asked_view(voice, None),
            asked_view(voice, Some(&newest)),
            made_view(voice, (path, 3_260_000, at), File::Here(vec![1])),
            made_view(voice, (path, 61_000_000, at), File::TooLarge),
            made_view(voice, (path, 12, at), File::Elsewhere),
            made_without_file(voice, path, 3_260_000, at),
        ]));
    }
}
