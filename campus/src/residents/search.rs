//! Finding people: by any part of the name, the initials of its pinyin, the learner number, or the
//! last digits of the telephone.

use std::collections::HashSet;

use diesel::prelude::*;
use diesel::sql_types;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::contact::{TAIL, tail, tail_indexes};
use super::identity::plain_text;
use super::rows::Resident;
use crate::db::Connection;
use crate::db::schema::residents;
use crate::error::Result;
use crate::paging::{Page, PageRequest, page};
use crate::seal::Seal;

/// Of all telephones that end in the same four digits, the most that are opened to look at the
/// digits in front of them.
const MOST_OPENED: i64 = 2_000;

/// What somebody has typed to find a person.
enum Wanted {
    /// Part of a name, or initials.
    Name(String),
    /// A learner number, or a telephone from its end.
    Digits(String),
}

impl Wanted {
    fn read(text: &str) -> Self {
        let plain = plain_text(text);
        let digits: String = plain.chars().filter(|sign| !matches!(sign, ' ' | '-')).collect();
        if digits.len() >= TAIL && digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Self::Digits(digits);
        }
        // Between Chinese signs a space means nothing.
        let name = if plain.is_ascii() { plain } else { plain.split_whitespace().collect() };
        Self::Name(name.to_lowercase())
    }
}

/// One page of the people whom `text` may mean, within branches (`None`: all).
pub(super) async fn search(
    connection: &mut Connection,
    seal: &Seal,
    within: Option<&[Uuid]>,
    text: &str,
    request: &PageRequest,
) -> Result<Page<Resident>> {
    let limit = request.limit()?;
    match Wanted::read(text) {
        Wanted::Name(name) => {
            let after: Option<(String, Uuid)> = request.position()?;
            let found = by_term(connection, within, &name, after, limit + 1).await?;
            let found = page(found, limit, |hit| (hit.term.clone(), hit.resident.id))?;
            let mut seen = HashSet::new();
            let items = found.items.into_iter().map(|hit| hit.resident);
            Ok(Page {
                items: items.filter(|resident| seen.insert(resident.id)).collect(),
                next_cursor: found.next_cursor,
            })
        }
        Wanted::Digits(digits) => {
            let after: Option<Uuid> = request.position()?;
            let mut found = by_digits(connection, seal, within, &digits).await?;
            found.retain(|resident| after.is_none_or(|after| resident.id > after));
            page(found, limit, |resident| resident.id)
        }
    }
}

#[derive(QueryableByName)]
struct Hit {
    #[diesel(embed)]
    resident: Resident,
    #[diesel(sql_type = sql_types::Text)]
    term: String,
}

/// Branch by branch in the order of the index, then the first of all.
async fn by_term(
    connection: &mut Connection,
    within: Option<&[Uuid]>,
    beginning: &str,
    after: Option<(String, Uuid)>,
    limit: i64,
) -> Result<Vec<Hit>> {
    let (after_term, after_id) = after.unwrap_or_default();
    Ok(diesel::sql_query(
        "SELECT residents.*, found.term FROM ( \
             SELECT each.term, each.resident_id FROM branches CROSS JOIN LATERAL ( \
                 SELECT term, resident_id FROM resident_terms \
                 WHERE branch_id = branches.id AND term >= $2 AND term < $2 || chr(1114111) \
                     AND (term, resident_id) > ($3, $4) \
                 ORDER BY term, resident_id LIMIT $5) AS each \
             WHERE $1 IS NULL OR branches.id = ANY($1) \
             ORDER BY each.term, each.resident_id LIMIT $5) AS found \
         JOIN residents ON residents.id = found.resident_id ORDER BY found.term, found.resident_id",
    )
    .bind::<sql_types::Nullable<sql_types::Array<sql_types::Uuid>>, _>(within)
    .bind::<sql_types::Text, _>(beginning)
    .bind::<sql_types::Text, _>(after_term)
    .bind::<sql_types::Uuid, _>(after_id)
    .bind::<sql_types::BigInt, _>(limit)
    .load(connection)
    .await?)
}

async fn by_digits(
    connection: &mut Connection,
    seal: &Seal,
    within: Option<&[Uuid]>,
    digits: &str,
) -> Result<Vec<Resident>> {
    let tails = tail(digits).map(|tail| tail_indexes(seal, tail)).unwrap_or_default();
    let mut query = residents::table
        .filter(residents::merged_into.is_null())
        .filter(
            residents::learner_number.eq(digits.to_owned()).nullable().or(residents::phone_tail_index.eq_any(tails)),
        )
        .into_boxed();
    if let Some(ids) = within {
        query = query.filter(residents::branch_id.eq_any(ids.to_vec()));
    }
    let found: Vec<Resident> =
        query.order(residents::id).limit(MOST_OPENED).select(Resident::as_select()).load(connection).await?;
    if digits.len() == TAIL {
        return Ok(found);
    }
    let mut fitting = Vec::new();
    for resident in found {
        let ends =
            || -> Result<bool> { Ok(resident.contact(seal)?.phone.is_some_and(|phone| phone.ends_with(digits))) };
        if resident.learner_number == digits || ends()? {
            fitting.push(resident);
        }
    }
    Ok(fitting)
}
