//! By what a service is found when its link is pasted.
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::run(manager, STATEMENTS).await
    }
}

const STATEMENTS: &[&str] = &[
    // A keyed digest of the link that lies sealed beside it. It comes with the link; an older row gets it when its panel
    // next confirms the service.
    "ALTER TABLE subscriptions ADD COLUMN link_mark TEXT",
    "CREATE INDEX subscriptions_link ON subscriptions (agent, link_mark) WHERE agent IS NOT NULL",
];
