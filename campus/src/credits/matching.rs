//! Whom a list means: each row is found, ambiguous or unknown.

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Campus;
use crate::db::Connection;
use crate::error::Result;
use crate::residents::identity::{normalise_name, parse_phone};
use crate::residents::{self, Resident, mask_phone};
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
    by_id: HashMap<Uuid, Resident>,
    by_number: HashMap<String, Resident>,
    by_name: HashMap<String, Vec<Resident>>,
}

/// Matches a list; found rows come with the person's branch.
pub(super) async fn matches(
    campus: &Campus,
    connection: &mut Connection,
    list: &[Named],
) -> Result<(Vec<AwardRow>, HashMap<Uuid, Uuid>)> {
    let known = load(connection, list).await?;
    let mut branches = HashMap::new();
    let rows = list
        .iter()
        .enumerate()
        .map(|(index, named)| {
            let people = known.meant_by(&campus.seal, named)?;
            let status = match people.as_slice() {
                [] => RowStatus::Unknown,
                [_] => RowStatus::Found,
                _ => RowStatus::Ambiguous,
            };
            let only = if let [person] = people.as_slice() { Some(*person) } else { None };
            if let Some(person) = only {
                branches.insert(person.id, person.branch_id);
            }
            let candidates = match only {
                Some(_) => Vec::new(),
                None => people
                    .into_iter()
                    .take(20)
                    .map(|person| candidate(&campus.seal, person))
                    .collect::<Result<Vec<_>>>()?,
            };
            Ok(AwardRow { index, status, resident_id: only.map(|person| person.id), candidates })
        })
        .collect::<Result<Vec<_>>>()?;
    Ok((rows, branches))
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

async fn load(connection: &mut Connection, list: &[Named]) -> Result<Known> {
    let ids: Vec<Uuid> = list.iter().filter_map(|named| named.id).collect();
    let numbers: Vec<String> = list.iter().filter_map(|named| named.learner_number.as_deref()).map(number).collect();
    let names: HashSet<String> =
        list.iter().filter_map(|named| named.name.as_deref()).filter_map(|name| normalise_name(name).ok()).collect();
    let names: Vec<String> = names.into_iter().collect();
    let mut known = Known { by_id: HashMap::new(), by_number: HashMap::new(), by_name: HashMap::new() };
    if !ids.is_empty() {
        known.by_id = residents::with_ids(connection, &ids).await?.into_iter().map(|each| (each.id, each)).collect();
    }
    if !numbers.is_empty() {
        let found = residents::with_learner_numbers(connection, &numbers).await?;
        known.by_number = found.into_iter().map(|each| (each.learner_number.clone(), each)).collect();
    }
    if !names.is_empty() {
        for resident in residents::with_names(connection, &names).await? {
            known.by_name.entry(resident.name.clone()).or_default().push(resident);
        }
    }
    Ok(known)
}

impl Known {
    fn meant_by(&self, seal: &Seal, named: &Named) -> Result<Vec<&Resident>> {
        if let Some(id) = named.id {
            return Ok(self.by_id.get(&id).into_iter().collect());
        }
        if let Some(learner_number) = &named.learner_number {
            return Ok(self.by_number.get(&number(learner_number)).into_iter().collect());
        }
        let Some(Ok(name)) = named.name.as_deref().map(normalise_name) else { return Ok(Vec::new()) };
        let namesakes: Vec<&Resident> = self.by_name.get(&name).into_iter().flatten().collect();
        match named.phone.as_deref().map(parse_phone) {
            Some(Ok(Some(phone))) => {
                let mut fitting = Vec::new();
                for person in namesakes {
                    if person.contact(seal)?.phone.as_ref() == Some(&phone) {
                        fitting.push(person);
                    }
                }
                Ok(fitting)
            }
            // A telephone that is none names nobody for certain.
            Some(Err(_)) => Ok(Vec::new()),
            _ => Ok(namesakes),
        }
    }
}
