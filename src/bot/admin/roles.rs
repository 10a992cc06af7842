//! Who is staff: the list, and an owner giving and taking roles.
use super::person::{lookup, person_refusal};
use super::words;
use crate::base::Fault;
use crate::base::format::Voice;
use crate::base::texts::{Arg, args};
use crate::bot::commands;
use crate::bot::page::page;
use crate::bot::screen::{Answer, Screen};
use crate::bot::turn::Turn;
use crate::shop::accounts::{self, Admin, Person, PersonError, Right, Role};
use crate::shop::notices::{self, Notice};

/// Everybody who holds a role, the owners of the environment first.
pub async fn list(turn: &Turn) -> Result<Answer, Fault> {
    let conn = turn.app.db.read();
    let named: Vec<(Person, Role)> =
        accounts::persons(conn, &turn.app.owners).await?.into_iter().map(|person| (person, Role::Owner)).collect();
    let mut staff = accounts::staff(conn).await?;
    staff.retain(|(person, _)| !turn.app.owners.contains(&person.id));
    Ok(view(&turn.voice(), &[named, staff].concat()).into())
}

fn view(voice: &Voice, staff: &[(Person, Role)]) -> Screen {
    let lines = staff.iter().map(|(person, role)| {
        let given = args!["person" => Arg::html(words::person(voice, person)), "role" => voice.t(words::role_key(*role))];
        voice.t_args("admin-staff-row", &given)
    });
    Screen::new(page(voice.t("admin-staff-title"), lines, voice.t("admin-staff-next")))
}

/// `/grant <id|@name> <role>`.
pub async fn grant(turn: &Turn, by: Admin, rest: &str) -> Result<Answer, Fault> {
    let voice = turn.voice();
    if let Some(told) = words::lacks(&voice, by, Right::Staff) {
        return Ok(Screen::new(told).into());
    }
    let Some((whom, role)) = rest.rsplit_once(char::is_whitespace) else { return Ok(usage(&voice)) };
    let Some(role) = Role::parse(&role.to_ascii_lowercase()) else { return Ok(usage(&voice)) };
    let Some(person) = lookup(turn, whom).await? else {
        return Ok(Screen::new(voice.t("admin-person-unknown")).into());
    };
    let (now, id) = (turn.now, person.id);
    let once = format!("grant:{}", turn.mint("grant"));
    let outcome = turn
        .app
        .write(move |tx| {
            Box::pin(async move {
                accounts::grant(tx, &by, id, role, now).await?;
                let told = Notice::RoleGranted { role: role.code().to_owned() };
                notices::tell(tx, id, &told, now, Some(once)).await.map_err(PersonError::from)
            })
        })
        .await;
    match outcome {
        Ok(()) => {
            commands::publish_for(&turn.app, id).await;
            let given = args!["name" => words::name(&person), "role" => voice.t(words::role_key(role))];
            Ok(Screen::new(voice.t_args("admin-grant-done", &given)).into())
        }
        Err(error) => Ok(Screen::new(person_refusal(&voice, by, error)?).into()),
    }
}

fn usage(voice: &Voice) -> Answer {
    Screen::new(voice.t("admin-usage-grant")).into()
}

/// `/revoke <id|@name>`.
pub async fn revoke(turn: &Turn, by: Admin, rest: &str) -> Result<Answer, Fault> {
    let voice = turn.voice();
    if let Some(told) = words::lacks(&voice, by, Right::Staff) {
        return Ok(Screen::new(told).into());
    }
    if rest.is_empty() {
        return Ok(Screen::new(voice.t("admin-usage-revoke")).into());
    }
    let Some(person) = lookup(turn, rest).await? else {
        return Ok(Screen::new(voice.t("admin-person-unknown")).into());
    };
    let (now, id) = (turn.now, person.id);
    if turn.app.owners.contains(&id) {
        return Ok(Screen::new(voice.t("admin-revoke-owner")).into());
    }
    let once = format!("revoke:{}", turn.mint("revoke"));
    let outcome = turn
        .app
        .write(move |tx| {
            Box::pin(async move {
                accounts::revoke(tx, &by, id, now).await?;
                notices::tell(tx, id, &Notice::RoleTaken, now, Some(once)).await.map_err(PersonError::from)
            })
        })
        .await;
    let text = match outcome {
        Ok(()) => {
            commands::withdraw_from(&turn.app, id).await;
            voice.t_args("admin-revoke-done", &args!["name" => words::name(&person)])
        }
        Err(error) => person_refusal(&voice, by, error)?,
    };
    Ok(Screen::new(text).into())
}
