//! What is asked of the database about consents.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use time::OffsetDateTime;
use uuid::Uuid;

use super::rows::{ConsentText, Given};
use crate::db::Connection;
use crate::db::schema::{consent_texts, consents};
use crate::error::Result;

/// Of each purpose the newest that is in force.
pub(super) async fn texts(connection: &mut Connection, at: OffsetDateTime) -> Result<Vec<ConsentText>> {
    Ok(consent_texts::table
        .filter(consent_texts::valid_from.le(at))
        .distinct_on(consent_texts::purpose)
        .order((consent_texts::purpose, consent_texts::valid_from.desc()))
        .select(ConsentText::as_select())
        .load(connection)
        .await?)
}

/// `false`: it stands already.
pub(super) async fn insert(
    connection: &mut Connection,
    resident_id: Uuid,
    version: &str,
    channel: &str,
    account_id: Option<Uuid>,
    at: OffsetDateTime,
) -> Result<bool> {
    let written = diesel::insert_into(consents::table)
        .values((
            consents::id.eq(crate::ids::new_id()),
            consents::resident_id.eq(resident_id),
            consents::version.eq(version),
            consents::given_at.eq(at),
            consents::channel.eq(channel),
            consents::account_id.eq(account_id),
        ))
        .on_conflict_do_nothing()
        .execute(connection)
        .await?;
    Ok(written == 1)
}

/// Every time this resident agreed, the newest first.
pub(super) async fn of_resident(connection: &mut Connection, resident_id: Uuid) -> Result<Vec<Given>> {
    Ok(consents::table
        .inner_join(consent_texts::table.on(consent_texts::version.eq(consents::version)))
        .filter(consents::resident_id.eq(resident_id))
        .order((consents::given_at.desc(), consents::id.desc()))
        .select((
            consent_texts::purpose,
            consents::version,
            consents::given_at,
            consents::channel,
            consents::withdrawn_at,
        ))
        .load(connection)
        .await?)
}

/// Withdraws every version of a purpose that stands; answers how many.
pub(super) async fn withdraw(
    connection: &mut Connection,
    resident_id: Uuid,
    purpose: &str,
    at: OffsetDateTime,
) -> Result<usize> {
    let versions = consent_texts::table.filter(consent_texts::purpose.eq(purpose)).select(consent_texts::version);
    let standing = consents::table
        .filter(consents::resident_id.eq(resident_id).and(consents::withdrawn_at.is_null()))
        .filter(consents::version.eq_any(versions));
    Ok(diesel::update(standing).set(consents::withdrawn_at.eq(at)).execute(connection).await?)
}
