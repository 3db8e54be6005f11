//! Whom and what the ids of a finding mean, as they are called now.

use std::collections::HashMap;

use uuid::Uuid;

use super::rows::{Anomaly, Batch, Figures, Kind, Lesson, Person, Row, Settlement, Venue};
use super::{batches, queries, words};
use crate::Campus;
use crate::access::Actor;
use crate::branches::{self, venues};
use crate::db::Connection;
use crate::error::{Error, Result};
use crate::residents;

struct Names {
    people: HashMap<Uuid, Person>,
    batches: HashMap<Uuid, Batch>,
    accounts: HashMap<Uuid, String>,
    lessons: HashMap<Uuid, Lesson>,
    venues: HashMap<Uuid, branches::Venue>,
}

/// The findings as this reader sees them.
pub(super) async fn shown(
    campus: &Campus,
    connection: &mut Connection,
    actor: &Actor,
    rows: Vec<Row>,
) -> Result<Vec<Anomaly>> {
    let kinds = rows.iter().map(kind).collect::<Result<Vec<_>>>()?;
    let of = |wanted: fn(Kind) -> bool| rows.iter().zip(&kinds).filter(move |(_, kind)| wanted(**kind));
    let people: Vec<Uuid> = of(Kind::is_about_people).flat_map(|(row, _)| row.evidence.iter().copied()).collect();
    let awards: Vec<Uuid> =
        of(|kind| !kind.is_about_people()).flat_map(|(row, _)| row.evidence.iter().copied()).collect();
    let settlers = rows.iter().filter_map(|row| row.settled_by);
    let accounts: Vec<Uuid> = rows.iter().map(|row| row.subject).chain(settlers).collect();
    let lessons: Vec<Uuid> = of(|kind| kind == Kind::EqualTraces).map(|(row, _)| row.subject).collect();
    let rooms: Vec<Uuid> = of(|kind| kind == Kind::AttendanceAboveRoom).map(|(row, _)| row.subject).collect();
    let names = Names {
        // By the id that was found, whoever that is by now; who has left is not found.
        people: residents::with_ids(connection, &people)
            .await?
            .into_iter()
            .map(|found| (found.record.id, Person::from(&found.person)))
            .collect(),
        batches: batches::with_ids(connection, &awards).await?,
        accounts: queries::account_names(connection, &accounts).await?,
        lessons: queries::lessons(connection, &lessons).await?,
        venues: venues::with_ids(connection, &rooms).await?,
    };
    rows.into_iter().zip(kinds).map(|(row, kind)| names.name(campus, actor, row, kind)).collect()
}

fn kind(row: &Row) -> Result<Kind> {
    Kind::from_name(&row.kind).ok_or_else(|| Error::internal("a finding has an unknown kind"))
}

impl Names {
    fn name(&self, campus: &Campus, actor: &Actor, row: Row, kind: Kind) -> Result<Anomaly> {
        let figures: Figures = serde_json::from_value(row.figures)?;
        let about_people = kind.is_about_people();
        let people = if about_people { self.people(&row.evidence) } else { Vec::new() };
        let meant = match &figures {
            Figures::SharedTelephone { people } | Figures::EqualTraces { people, .. } => *people,
            Figures::UnusualAwards { .. }
            | Figures::AwardsOutsideHours { .. }
            | Figures::AttendanceAboveRoom { .. } => 0,
        };
        let lesson = self.lessons.get(&row.subject).cloned();
        let venue = self.venue(&figures, row.subject);
        let about_an_account = kind.is_about_an_account();
        let account_name = about_an_account.then(|| self.accounts.get(&row.subject).cloned()).flatten();
        let batches = if about_people { Vec::new() } else { self.batches(&row.evidence) };
        let awarded_any = batches.iter().any(|batch| batch.account_id == Some(actor.account_id));
        let reading = words::Reading {
            figures: &figures,
            period: row.period,
            account: account_name.as_deref().unwrap_or_default(),
            lesson: lesson.as_ref().map(|lesson| lesson.title.as_str()).unwrap_or_default(),
            venue: venue.as_ref().map(|venue| venue.name.as_str()).unwrap_or_default(),
            today: campus.clock.today(),
        };
        let settlement = match (row.settled_at, row.settled_by, row.note) {
            (Some(at), Some(by), Some(note)) => {
                Some(Settlement { at, by: self.accounts.get(&by).cloned().unwrap_or_default(), note })
            }
            _ => None,
        };
        Ok(Anomaly {
            id: row.id,
            kind,
            explanation: reading.words(actor.language),
            found_at: row.found_at,
            unlisted: meant.saturating_sub(people.len()),
            people,
            lesson,
            venue,
            account_name,
            batches,
            own: awarded_any || (about_an_account && row.subject == actor.account_id),
            settlement,
        })
    }

    /// The venue, with the seats that it had then.
    fn venue(&self, figures: &Figures, id: Uuid) -> Option<Venue> {
        let Figures::AttendanceAboveRoom { seats, .. } = figures else { return None };
        let known = self.venues.get(&id)?;
        Some(Venue { id, branch_id: known.branch_id, name: known.name.clone(), seats: *seats })
    }

    /// Each person once, also where two of their records are meant.
    fn people(&self, evidence: &[Uuid]) -> Vec<Person> {
        let mut people: Vec<Person> = Vec::new();
        for person in evidence.iter().filter_map(|id| self.people.get(id)) {
            if people.iter().all(|known| known.id != person.id) {
                people.push(person.clone());
            }
        }
        people
    }

    fn batches(&self, evidence: &[Uuid]) -> Vec<Batch> {
        let mut batches: Vec<Batch> = evidence.iter().filter_map(|id| self.batches.get(id)).cloned().collect();
        batches.sort_by_key(|batch| (batch.awarded_at, batch.id));
        batches
    }
}
