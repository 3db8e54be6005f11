//! Finding people: by any part of the name, the initials of its pinyin, the learner number, or the
//! last digits of the telephone.

use std::collections::HashSet;

use diesel::dsl::AsSelect;
use diesel::expression::Expression;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::contact::{TAIL, tail, tail_indexes};
use super::identity::plain_text;
use super::queries;
use super::rows::{Found, Resident};
use crate::db::Connection;
use crate::db::schema::residents;
use crate::error::Result;
use crate::paging::{DEFAULT_LIMIT, Page, PageRequest, page};
use crate::seal::Seal;

/// Of all telephones that end in the same four digits, the most that are opened to look at the
/// digits in front of them.
const MOST_OPENED: i64 = 2_000;

/// Rows read for a page of the usual length: one more tells whether there is another page.
const USUAL_LIMIT: i64 = DEFAULT_LIMIT + 1;

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

type Branches = sql_types::Nullable<sql_types::Array<sql_types::Uuid>>;

/// Somebody found by a term.
#[derive(Queryable)]
struct Hit {
    resident: Resident,
    term: String,
}

/// People by the beginning of a term: branch by branch in the order of the index, then the first of
/// all. A query with an identity of its own, so that its statement is prepared once and kept.
///
/// `USUAL`: of the usual length, which the planner knows; a length it does not know it guesses to
/// be a tenth of everybody, and would plan each search anew.
struct ByTerm<const USUAL: bool> {
    columns: AsSelect<Resident, Pg>,
    within: Option<Vec<Uuid>>,
    /// Behind every term that begins so.
    end: String,
    after: (String, Uuid),
    limit: i64,
}

impl<const USUAL: bool> QueryId for ByTerm<USUAL> {
    type QueryId = Self;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl<const USUAL: bool> Query for ByTerm<USUAL> {
    type SqlType = (<AsSelect<Resident, Pg> as Expression>::SqlType, sql_types::Text);
}

impl<const USUAL: bool> ByTerm<USUAL> {
    fn push_limit<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(" LIMIT ");
        if USUAL {
            out.push_sql(&USUAL_LIMIT.to_string());
            return Ok(());
        }
        out.push_bind_param::<sql_types::BigInt, _>(&self.limit)
    }
}

impl<const USUAL: bool> QueryFragment<Pg> for ByTerm<USUAL> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("SELECT ");
        self.columns.walk_ast(out.reborrow())?;
        out.push_sql(
            ", found.term FROM (SELECT each.term, each.resident_id FROM branches CROSS JOIN LATERAL ( \
                 SELECT term, resident_id FROM resident_terms \
                 WHERE branch_id = branches.id AND (term, resident_id) > (",
        );
        out.push_bind_param::<sql_types::Text, _>(&self.after.0)?;
        out.push_sql(", ");
        out.push_bind_param::<sql_types::Uuid, _>(&self.after.1)?;
        out.push_sql(") AND term < ");
        out.push_bind_param::<sql_types::Text, _>(&self.end)?;
        out.push_sql(" ORDER BY term, resident_id");
        self.push_limit(&mut out)?;
        out.push_sql(") AS each WHERE (");
        out.push_bind_param::<Branches, _>(&self.within)?;
        out.push_sql(" IS NULL OR branches.id = ANY(");
        out.push_bind_param::<Branches, _>(&self.within)?;
        out.push_sql(")) ORDER BY each.term, each.resident_id");
        self.push_limit(&mut out)?;
        out.push_sql(
            ") AS found JOIN residents ON residents.id = found.resident_id ORDER BY found.term, found.resident_id",
        );
        Ok(())
    }
}

async fn by_term(
    connection: &mut Connection,
    within: Option<&[Uuid]>,
    beginning: &str,
    after: Option<(String, Uuid)>,
    limit: i64,
) -> Result<Vec<Hit>> {
    // One lower bound: of two, the index would be entered at the wrong one and read on from there.
    let first = (beginning.to_owned(), Uuid::nil());
    let after = after.map_or_else(|| first.clone(), |after| after.max(first.clone()));
    let (within, end) = (within.map(<[Uuid]>::to_vec), format!("{beginning}{}", char::MAX));
    let columns = Resident::as_select();
    Ok(if limit == USUAL_LIMIT {
        ByTerm::<true> { columns, within, end, after, limit }.load(connection).await?
    } else {
        ByTerm::<false> { columns, within, end, after, limit }.load(connection).await?
    })
}

async fn by_digits(
    connection: &mut Connection,
    seal: &Seal,
    within: Option<&[Uuid]>,
    digits: &str,
) -> Result<Vec<Resident>> {
    let tails = tail(digits).map(|tail| tail_indexes(seal, tail)).unwrap_or_default();
    let found: Vec<(Resident, Option<Uuid>)> = residents::table
        .filter(
            residents::learner_number.eq(digits.to_owned()).nullable().or(residents::phone_tail_index.eq_any(tails)),
        )
        .order(residents::id)
        .limit(MOST_OPENED)
        .select((Resident::as_select(), residents::merged_into))
        .load(connection)
        .await?;
    let mut fitting: Vec<Resident> = Vec::new();
    for Found { record, person } in queries::with_persons(connection, found).await? {
        let ends = || -> Result<bool> { Ok(record.contact(seal)?.phone.is_some_and(|phone| phone.ends_with(digits))) };
        if within.is_none_or(|ids| ids.contains(&person.branch_id))
            && fitting.iter().all(|known| known.id != person.id)
            && (digits.len() == TAIL || record.learner_number == digits || ends()?)
        {
            fitting.push(person);
        }
    }
    fitting.sort_unstable_by_key(|person| person.id);
    Ok(fitting)
}
