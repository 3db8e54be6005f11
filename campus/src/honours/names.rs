//! Who the ids of a list mean, as they are called now.

use std::collections::HashMap;

use uuid::Uuid;

use super::rows::{Content, Entry, Honoured, Honours};
use crate::branches;
use crate::db::Connection;
use crate::error::Result;
use crate::residents::{self, Resident};

pub(super) async fn named(connection: &mut Connection, content: Content) -> Result<Honours> {
    let branches: HashMap<Uuid, String> =
        branches::list(connection).await?.into_iter().map(|branch| (branch.id, branch.name)).collect();
    let entries = content.individuals.iter().chain(&content.families);
    let ids: Vec<Uuid> = entries.flat_map(|entry| entry.members.iter().copied().chain([entry.id])).collect();
    // Under the id that is on the list, whoever that is by now; who has left is not found.
    let people: HashMap<Uuid, Resident> =
        residents::with_ids(connection, &ids).await?.into_iter().map(|found| (found.record.id, found.person)).collect();
    let of_people = |entries: Vec<Entry>| entries.into_iter().map(|entry| person(entry, &people, &branches)).collect();
    let unit = |entry: Entry| {
        let name = branches.get(&entry.id).cloned();
        let Entry { rank, tied, id, value, .. } = entry;
        Honoured { rank, tied, id, name, learner_number: None, branch: None, members: Vec::new(), value }
    };
    Ok(Honours {
        individuals: of_people(content.individuals),
        families: of_people(content.families),
        units: content.units.into_iter().map(unit).collect(),
        criteria: content.criteria,
    })
}

fn person(entry: Entry, people: &HashMap<Uuid, Resident>, branches: &HashMap<Uuid, String>) -> Honoured {
    let known = people.get(&entry.id);
    let members = entry.members.iter().filter_map(|id| people.get(id)).map(|member| member.name.clone());
    Honoured {
        rank: entry.rank,
        tied: entry.tied,
        id: entry.id,
        name: known.map(|person| person.name.clone()),
        learner_number: known.map(|person| person.learner_number.clone()),
        branch: known.and_then(|person| branches.get(&person.branch_id).cloned()),
        members: members.collect(),
        value: entry.value,
    }
}
