//! Whom a list means: each row is found, ambiguous or unknown.

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};
use time::Date;
use uuid::Uuid;

use crate::Campus;
use crate::db::Connection;
use crate::error::Result;
use crate::residents::identity::{normalise_name, parse_phone};
use crate::residents::{self, Belonging, Found, Resident, mask_phone};
use crate::seal::Seal;

/// How a row names a person: by id, by learner number, or by name with or without a telephone.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Named {
    /// The resident's id.
    pub id: Option<Uuid>,
    /// The learner number.
    pub learner_number: Option<String>,
    /// The name.
    pub name: Option<String>,
    /// The telephone.
    pub phone: Option<String>,
}

/// What is known of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RowStatus {
    /// One person.
    Found,
    /// Several people: choose.
    Ambiguous,
    /// Nobody.
    Unknown,
    /// This award was made, or stands further up in the list.
    AlreadyAwarded,
    /// A cap does not leave room for it.
    OverCap,
}

/// Somebody a row may mean.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Candidate {
    /// Their id.
    pub id: Uuid,
    /// Their learner number.
    pub learner_number: String,
    /// Their name.
    pub name: String,
    /// Masked.
    pub phone: Option<String>,
    /// Their branch.
    pub branch_id: Uuid,
}

/// A row's answer.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AwardRow {
    /// Its place in the list, from 0.
    pub index: usize,
    /// What is known of it.
    pub status: RowStatus,
    /// Who it is, when that is one person.
    pub resident_id: Option<Uuid>,
    /// Who it may be, when it is several.
    pub candidates: Vec<Candidate>,
}

/// Everybody that a list may mean, loaded in three statements however long it is.
struct Known {
    /// Where they were on the day of the award, as whoever is named by an id needs no other look.
    by_id: HashMap<Uuid, Belonging>,
    by_number: HashMap<String, Resident>,
    by_name: HashMap<String, Vec<Found>>,
}

/// Matches a list; found rows come with the person's branch on the day `earned_on`, which is not
/// always the one of today.
pub(super) async fn matches(
    campus: &Campus,
    connection: &Connection,
    list: &[Named],
    earned_on: Date,
) -> Result<(Vec<AwardRow>, HashMap<Uuid, Uuid>)> {
    let known = load(connection, list, earned_on).await?;
    let (mut branches, mut described) = (HashMap::new(), HashMap::new());
    let mut rows = Vec::with_capacity(list.len());
    for (index, named) in list.iter().enumerate() {
        let row = if let Some(id) = named.id {
            let meant = known.by_id.get(&id);
            branches.extend(meant.map(|meant| (meant.person_id, meant.branch_id)));
            known_by_id(index, meant)
        } else {
            let people = known.meant_by(&campus.seal, named)?;
            if let [person] = people.as_slice() {
                described.insert(person.id, person.branch_id);
            }
            known_by_description(&campus.seal, index, &people)?
        };
        rows.push(row);
    }
    if earned_on < campus.clock.today() && !described.is_empty() {
        let people: Vec<Uuid> = described.keys().copied().collect();
        described.extend(residents::elsewhere_on(connection, &people, earned_on).await?);
    }
    branches.extend(described);
    Ok((rows, branches))
}

fn known_by_id(index: usize, meant: Option<&Belonging>) -> AwardRow {
    let status = if meant.is_some() { RowStatus::Found } else { RowStatus::Unknown };
    AwardRow { index, status, resident_id: meant.map(|meant| meant.person_id), candidates: Vec::new() }
}

fn known_by_description(seal: &Seal, index: usize, people: &[&Resident]) -> Result<AwardRow> {
    let (status, resident_id) = match people {
        [] => (RowStatus::Unknown, None),
        [only] => (RowStatus::Found, Some(only.id)),
        _ => (RowStatus::Ambiguous, None),
    };
    let candidates = match resident_id {
        Some(_) => Vec::new(),
        None => people.iter().take(20).map(|person| candidate(seal, person)).collect::<Result<Vec<_>>>()?,
    };
    Ok(AwardRow { index, status, resident_id, candidates })
}

fn candidate(seal: &Seal, resident: &Resident) -> Result<Candidate> {
    Ok(Candidate {
        id: resident.id,
        learner_number: resident.learner_number.clone(),
        name: resident.name.clone(),
        phone: resident.contact(seal)?.phone.as_deref().map(mask_phone),
        branch_id: resident.branch_id,
    })
}

fn number(text: &str) -> String {
    residents::identity::plain_text(text)
}

async fn load(connection: &Connection, list: &[Named], earned_on: Date) -> Result<Known> {
    let ids: Vec<Uuid> = list.iter().filter_map(|named| named.id).collect();
    let numbers: Vec<String> = list.iter().filter_map(|named| named.learner_number.as_deref()).map(number).collect();
    let names: HashSet<String> =
        list.iter().filter_map(|named| named.name.as_deref()).filter_map(|name| normalise_name(name).ok()).collect();
    let names: Vec<String> = names.into_iter().collect();
    let mut known = Known { by_id: HashMap::new(), by_number: HashMap::new(), by_name: HashMap::new() };
    if !ids.is_empty() {
        known.by_id = residents::belonging_on(connection, &ids, earned_on).await?;
    }
    if !numbers.is_empty() {
        let found = residents::with_learner_numbers(connection, &numbers).await?;
        known.by_number = found.into_iter().map(|each| (each.record.learner_number, each.person)).collect();
    }
    if !names.is_empty() {
        for found in residents::with_names(connection, &names).await? {
            known.by_name.entry(found.record.name.clone()).or_default().push(found);
        }
    }
    Ok(known)
}

impl Known {
    /// Whom a row means that names nobody by an id.
    fn meant_by(&self, seal: &Seal, named: &Named) -> Result<Vec<&Resident>> {
        if let Some(learner_number) = &named.learner_number {
            return Ok(self.by_number.get(&number(learner_number)).into_iter().collect());
        }
        let Some(Ok(name)) = named.name.as_deref().map(normalise_name) else { return Ok(Vec::new()) };
        let phone = match named.phone.as_deref().map(parse_phone) {
            Some(Ok(phone)) => phone,
            // A telephone that is none names nobody for certain.
            Some(Err(_)) => return Ok(Vec::new()),
            None => None,
        };
        let mut people: Vec<&Resident> = Vec::new();
        for found in self.by_name.get(&name).into_iter().flatten() {
            let known = people.iter().any(|person| person.id == found.person.id);
            if !known && (phone.is_none() || has_phone(seal, found, phone.as_ref())?) {
                people.push(&found.person);
            }
        }
        Ok(people)
    }
}

/// Whether a telephone is the record's, or that of the person whose it is.
fn has_phone(seal: &Seal, found: &Found, phone: Option<&String>) -> Result<bool> {
    let of_record = found.record.contact(seal)?.phone;
    Ok(of_record.as_ref() == phone || found.person.contact(seal)?.phone.as_ref() == phone)
}
