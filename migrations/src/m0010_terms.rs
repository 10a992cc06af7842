//! What was promised with an order stays with it, whatever becomes of its plan.
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["orders", "agent_batches"] {
            let statements = STATEMENTS.map(|statement| statement.replace("{table}", table));
            crate::run(manager, &statements.each_ref().map(String::as_str)).await?;
        }
        Ok(())
    }
}

/// The plan's days, traffic, devices and rule of refunds when the order was placed, or the batch taken; for rows that are older,
/// as they are now. A column that is added cannot be `NOT NULL` on SQLite; whoever reads it refuses a null.
const STATEMENTS: [&str; 5] = [
    "ALTER TABLE {table} ADD COLUMN plan_days BIGINT CHECK (plan_days > 0)",
    "ALTER TABLE {table} ADD COLUMN plan_traffic_bytes BIGINT CHECK (plan_traffic_bytes >= 0)",
    "ALTER TABLE {table} ADD COLUMN plan_devices BIGINT CHECK (plan_devices >= 0)",
    "ALTER TABLE {table} ADD COLUMN plan_refund TEXT CHECK (plan_refund IN ('whole', 'time', 'traffic'))",
    "UPDATE {table} SET
        plan_days = (SELECT p.days FROM plans p WHERE p.code = {table}.plan),
        plan_traffic_bytes = (SELECT p.traffic_bytes FROM plans p WHERE p.code = {table}.plan),
        plan_devices = (SELECT p.devices FROM plans p WHERE p.code = {table}.plan),
        plan_refund = (SELECT p.refund FROM plans p WHERE p.code = {table}.plan)",
];
