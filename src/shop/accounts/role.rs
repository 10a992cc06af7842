//! Roles of staff, and the proof of one.
use super::audit::{Deed, audit};
use super::store::PersonRow;
use super::{Person, PersonError};
use crate::base::{Fault, PersonId, Time};
use crate::db::{self, Tx};
use sea_orm::{ConnectionTrait, FromQueryResult};
use std::fmt;

/// What a member of staff is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Reads reports and lists.
    Viewer,
    /// Viewer, and speaks with people.
    Support,
    /// Support, and decides payments.
    Cashier,
    /// Everything, roles included.
    Owner,
}

impl Role {
    pub const ALL: [Self; 4] = [Self::Viewer, Self::Support, Self::Cashier, Self::Owner];

    pub const fn code(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Support => "support",
            Self::Cashier => "cashier",
            Self::Owner => "owner",
        }
    }

    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.code() == code)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// What an act asks of a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Right {
    /// See lists, cards, reports.
    Look,
    /// Write to people, ban and unban.
    Talk,
    /// Decide payments, credit and debit, refund.
    Money,
    /// Grant and take roles.
    Staff,
}

/// Proof that somebody holds a role, as of this update.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Admin {
    person: PersonId,
    role: Role,
    origin: &'static str,
}

impl Admin {
    pub(super) const fn proven(person: PersonId, role: Role) -> Self {
        Self { person, role, origin: "bot" }
    }

    /// The clock, which accepts what nobody reviewed. Its id is 0.
    pub const fn clock() -> Self {
        Self { person: PersonId(0), role: Role::Owner, origin: "clock" }
    }

    pub const fn person(&self) -> PersonId {
        self.person
    }

    pub const fn role(&self) -> Role {
        self.role
    }

    /// The same, acting from there: `group`, `private`, `command line`.
    #[must_use]
    pub const fn acting_from(self, origin: &'static str) -> Self {
        Self { origin, ..self }
    }

    /// Where the act comes from, for the audit log.
    pub const fn origin(&self) -> &'static str {
        self.origin
    }

    pub fn may(&self, right: Right) -> bool {
        let least = match right {
            Right::Look => Role::Viewer,
            Right::Talk => Role::Support,
            Right::Money => Role::Cashier,
            Right::Staff => Role::Owner,
        };
        self.role >= least
    }
}

/// Gives a role, in place of the one held before.
pub async fn grant(tx: &Tx, by: &Admin, to: PersonId, role: Role, now: Time) -> Result<(), PersonError> {
    if !by.may(Right::Staff) {
        return Err(PersonError::NotAllowed);
    }
    if super::person(tx, to).await?.is_none() {
        return Err(PersonError::Unknown);
    }
    let was: Option<String> = db::scalar(tx, "SELECT role AS v FROM roles WHERE person = $1", vec![to.into()]).await?;
    if was.as_deref() == Some(role.code()) {
        return Err(PersonError::Already);
    }
    let sql = "INSERT INTO roles (person, role, granted_by, granted_at) VALUES ($1, $2, $3, $4) \
               ON CONFLICT (person) DO UPDATE SET role = excluded.role, granted_by = excluded.granted_by, \
               granted_at = excluded.granted_at";
    db::submit(tx, sql, vec![to.into(), role.code().into(), by.person.into(), now.into()]).await?;
    let deed = Deed {
        by: by.person,
        act: "role.grant",
        subject: format!("person:{to}"),
        was,
        became: Some(role.to_string()),
        origin: by.origin,
    };
    audit(tx, &deed, now).await?;
    Ok(())
}

/// Takes a role away.
pub async fn revoke(tx: &Tx, by: &Admin, from: PersonId, now: Time) -> Result<(), PersonError> {
    if !by.may(Right::Staff) {
        return Err(PersonError::NotAllowed);
    }
    let was: Option<String> =
        db::scalar(tx, "DELETE FROM roles WHERE person = $1 RETURNING role AS v", vec![from.into()]).await?;
    if was.is_none() {
        return Err(PersonError::Already);
    }
    let deed =
        Deed { by: by.person, act: "role.revoke", subject: format!("person:{from}"), was, became: None, origin: by.origin };
    audit(tx, &deed, now).await?;
    Ok(())
}

#[derive(FromQueryResult)]
struct RoleOf {
    role: String,
}

/// Everybody who holds a role by a row, owners first.
pub async fn staff(conn: &impl ConnectionTrait) -> Result<Vec<(Person, Role)>, Fault> {
    let sql =
        format!("SELECT {}, r.role FROM roles r JOIN people p ON p.id = r.person ORDER BY r.granted_at", super::store::COLUMNS);
    let statement = sea_orm::Statement::from_string(conn.get_database_backend(), sql);
    let mut found = Vec::new();
    for row in conn.query_all_raw(statement).await? {
        let role = RoleOf::from_query_result(&row, "")?.role;
        let role = Role::parse(&role).ok_or_else(|| Fault::new(format!("unknown role {role}")))?;
        found.push((PersonRow::from_query_result(&row, "")?.into(), role));
    }
    found.sort_by_key(|(_, role)| std::cmp::Reverse(*role));
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::{Admin, Right, Role};
    use crate::base::PersonId;

    #[test]
    fn a_role_holds_the_rights_of_those_below_it() {
        let rights = [Right::Look, Right::Talk, Right::Money, Right::Staff];
        for (rank, role) in Role::ALL.into_iter().enumerate() {
            let admin = Admin::proven(PersonId(1), role);
            let held = rights.iter().filter(|right| admin.may(**right)).count();
            assert_eq!(held, rank + 1, "{role}");
        }
    }
}
