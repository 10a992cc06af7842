//! Where a new account is made.
use super::state::Intake;
use super::store::{Panel, all, all_lately};
use crate::base::Fault;
use crate::db::Tx;
use crate::shop::catalog::{self, PanelCode, Plan, PlanCode};
use sea_orm::ConnectionTrait;

/// The plan's first panel that takes new accounts, has room and is well; else the first that has room: a sale never fails
/// because a panel is down. `None`: no panel of the plan takes new accounts.
pub async fn choose(conn: &impl ConnectionTrait, plan: &Plan) -> Result<Option<PanelCode>, Fault> {
    Ok(best(&plan.panels, &all(conn).await?))
}

/// The same, of a plan by its code, as plan and panels were at most five seconds ago.
pub async fn choose_for(tx: &Tx, plan: &PlanCode) -> Result<Option<PanelCode>, Fault> {
    let Some(plan) = catalog::plan_lately(tx.db(), plan).await? else { return Ok(None) };
    match best(&plan.panels, &all_lately(tx.db()).await?.0) {
        Some(code) => Ok(Some(code)),
        // One may take new accounts by now.
        None => choose(tx, &plan).await,
    }
}

fn best(wanted: &[PanelCode], panels: &[Panel]) -> Option<PanelCode> {
    let open: Vec<&Panel> = wanted
        .iter()
        .filter_map(|code| panels.iter().find(|panel| panel.code == *code))
        .filter(|panel| panel.intake == Intake::On && panel.has_room())
        .collect();
    open.iter().find(|panel| panel.health.is_hopeful()).or(open.first()).map(|panel| panel.code.clone())
}

#[cfg(test)]
mod tests {
    use super::super::state::Health;
    use super::super::store::sample::panel;
    use super::*;

    #[test]
    fn the_first_that_is_well_and_has_room_wins() {
        let wanted: Vec<PanelCode> = ["a", "b", "c", "gone"].map(|code| code.parse().unwrap()).into();
        let chosen = |change: fn(&mut [Panel])| {
            let mut panels = [panel("c"), panel("b"), panel("a"), panel("d")];
            panels.sort_by(|x, y| x.code.cmp(&y.code));
            change(&mut panels);
            best(&wanted, &panels).map(|code| code.to_string())
        };
        assert_eq!(chosen(|_| {}).as_deref(), Some("a"));
        assert_eq!(chosen(|p| p[0].intake = Intake::Draining).as_deref(), Some("b"));
        assert_eq!(chosen(|p| p[0].health = Health::Down).as_deref(), Some("b"));
        assert_eq!(chosen(|p| (p[0].capacity, p[0].accounts) = (Some(5), Some(5))).as_deref(), Some("b"));
        assert_eq!(
            chosen(|p| p.iter_mut().for_each(|p| p.health = Health::Down)).as_deref(),
            Some("a"),
            "better late than never"
        );
        assert_eq!(chosen(|p| p.iter_mut().take(3).for_each(|p| p.intake = Intake::Off)), None);
    }
}
