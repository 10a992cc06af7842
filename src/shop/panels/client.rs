//! Clients of the panels, one a panel and process: it keeps its login, so it lives until something about the panel changes.
use super::store::{Panel as Row, config_of, get};
use crate::base::Fault;
use crate::db::{Db, Seal};
use crate::providers::panel::{Panel, connect};
use crate::shop::catalog::PanelCode;
use std::collections::HashMap;
use std::sync::{Arc, RwLock};

/// Kept by code; a fingerprint holds sealed text, never a secret.
#[derive(Default)]
struct Clients {
    made: RwLock<HashMap<PanelCode, Made>>,
}

struct Made {
    fingerprint: String,
    client: Arc<dyn Panel>,
}

/// The client of a panel. It says nothing to the machine yet.
pub async fn connected(db: &Db, seal: &Seal, code: &PanelCode) -> Result<Arc<dyn Panel>, Fault> {
    let panel = get(db.read(), code).await?.ok_or_else(|| Fault::new(format!("there is no panel {code}")))?;
    client_of(db, seal, &panel)
}

/// The same, of a panel whose row was just read.
pub fn client_of(db: &Db, seal: &Seal, panel: &Row) -> Result<Arc<dyn Panel>, Fault> {
    let code = &panel.code;
    let fingerprint = panel.fingerprint();
    let clients = db.lasting::<Clients>();
    if let Ok(made) = clients.made.read()
        && let Some(known) = made.get(code).filter(|known| known.fingerprint == fingerprint)
    {
        return Ok(Arc::clone(&known.client));
    }
    let fresh = connect(config_of(panel, seal)?).map_err(|error| Fault::new(error).context(format!("panel {code}")))?;
    if let Ok(mut made) = clients.made.write() {
        made.insert(code.clone(), Made { fingerprint, client: Arc::clone(&fresh) });
    }
    Ok(fresh)
}
