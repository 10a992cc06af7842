//! What was promised, as it lies in the rows of orders and of batches.
//!
//! Always: it is written with the row and never changes. Rows that are older than that have what their plan promised
//! when it began.
use crate::base::Fault;
use crate::shop::catalog::{Promise, RefundRule};
use sea_orm::{FromQueryResult, Value};

pub(super) const COLUMNS: &str = "plan_days, plan_traffic_bytes, plan_devices, plan_refund";

/// The columns; none of them is null.
#[derive(FromQueryResult)]
pub(super) struct Row {
    #[sea_orm(alias = "plan_days")]
    days: Option<i64>,
    #[sea_orm(alias = "plan_traffic_bytes")]
    traffic_bytes: Option<i64>,
    #[sea_orm(alias = "plan_devices")]
    devices: Option<i64>,
    #[sea_orm(alias = "plan_refund")]
    refund: Option<String>,
}

impl Row {
    fn promise(&self) -> Option<Promise> {
        Some(Promise {
            days: self.days?,
            traffic_bytes: self.traffic_bytes?,
            devices: self.devices?,
            refund: RefundRule::parse(self.refund.as_deref()?)?,
        })
    }

    /// `whose`: the row that it is of.
    pub fn read(&self, whose: impl std::fmt::Display) -> Result<Promise, Fault> {
        self.promise().ok_or_else(|| Fault::new(format!("an impossible row ({whose}): what was promised")))
    }
}

/// The values of [`COLUMNS`].
pub(super) fn values(promised: &Promise) -> [Value; 4] {
    let Promise { days, traffic_bytes, devices, refund } = promised;
    [(*days).into(), (*traffic_bytes).into(), (*devices).into(), refund.code().into()]
}
