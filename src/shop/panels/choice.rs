//! Where a new account is made.
use super::state::Intake;
use super::store::{Panel, all};
use crate::base::Fault;
use crate::shop::catalog::{PanelCode, Plan};
use sea_orm::ConnectionTrait;

/// The plan's first panel that takes new accounts, has room and is well; else the first that has room: a sale never fails
/// because a panel is down. `None`: no panel of the plan takes new accounts.
pub async fn choose(conn: &impl ConnectionTrait, plan: &Plan) -> Result<Option<PanelCode>, Fault> {
    Ok(best(&plan.panels, &all(conn).await?))
}

fn best(wanted: &[PanelCode], panels: &[Panel]) -> Option<PanelCode> {
    let open: Vec<&Panel> = wanted
        .iter()
        .filter_map(|code| panels.iter().find(|panel| panel.code == *code))
        .filter(|panel| panel.intake == Intake::On && panel.has_room())
        .collect();
    open.iter().find(|panel| panel.health.is_hopeful()).or(open.first()).map(|panel| panel.code.clone())
}
