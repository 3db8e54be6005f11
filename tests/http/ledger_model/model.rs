//! The ledger in plain arithmetic.

use std::collections::HashMap;

use campus::clock::Month;
use time::Date;
use uuid::Uuid;

use super::PEOPLE;

/// A person's account in one unit: points or credits.
pub type Account = (usize, bool);

/// A transfer as the model knows it; its version is its place in the account, from 1.
#[derive(Debug, Clone)]
pub struct Entry {
    pub amount: i64,
    pub code: &'static str,
    pub day: Date,
    /// What identifies a source, or an award with its reason.
    pub about: String,
    pub caps: Vec<(&'static str, i64)>,
    pub reversal: bool,
    pub reversed: bool,
}

/// What the ledger must come to.
#[derive(Default)]
pub struct Model {
    /// Merges that stand: their id, the record that stays, the one merged into it.
    pub merges: Vec<(Uuid, usize, usize)>,
    pub accounts: HashMap<Account, Vec<Entry>>,
    /// Every transfer in the order of posting.
    pub order: Vec<(Account, usize)>,
    pub batches: Vec<(Uuid, Vec<(Account, usize)>)>,
}

fn start_of(period: &str, day: Date) -> Date {
    let month = Month::of(day).first_day();
    match period {
        "day" => day,
        "month" => month,
        _ => month.replace_month(time::Month::January).unwrap(),
    }
}

impl Model {
    /// The record that stays of those which this one was joined with.
    pub fn person(&self, record: usize) -> usize {
        self.merges.iter().find(|(_, _, merged)| *merged == record).map_or(record, |(_, kept, _)| self.person(*kept))
    }

    /// All records of a person.
    pub fn records(&self, person: usize) -> Vec<usize> {
        (0..PEOPLE).filter(|record| self.person(*record) == person).collect()
    }

    /// What is left on an account.
    pub fn balance(&self, account: Account) -> i64 {
        self.entries(account).iter().map(|entry| if entry.reversal { -entry.amount } else { entry.amount }).sum()
    }

    fn of_person(&self, account: Account) -> impl Iterator<Item = &Entry> {
        self.records(account.0).into_iter().flat_map(move |record| self.entries((record, account.1)))
    }

    pub fn entries(&self, account: Account) -> &[Entry] {
        self.accounts.get(&account).map_or(&[], Vec::as_slice)
    }

    pub fn post(&mut self, account: Account, entry: Entry) -> (Account, usize) {
        let entries = self.accounts.entry(account).or_default();
        entries.push(entry);
        let key = (account, entries.len() - 1);
        self.order.push(key);
        key
    }

    /// What of a cap is used over all records of a person.
    pub fn used(&self, account: Account, code: &str, period: &str, start: Date) -> i64 {
        self.records(account.0)
            .into_iter()
            .map(|record| self.used_under((record, account.1), code, period, start))
            .sum()
    }

    /// What of a cap is used under one record: what was posted under it and stands.
    pub fn used_under(&self, account: Account, code: &str, period: &str, start: Date) -> i64 {
        let entries = self.entries(account).iter().filter(|entry| !entry.reversal && !entry.reversed);
        let counted = entries.filter(|entry| {
            entry.code == code
                && entry.caps.iter().any(|(capped, _)| *capped == period)
                && start_of(period, entry.day) == start
        });
        counted.map(|entry| entry.amount).sum()
    }

    pub fn room(&self, account: Account, entry: &Entry) -> i64 {
        let left = |(period, limit): &(&str, i64)| {
            (limit - self.used(account, entry.code, period, start_of(period, entry.day))).max(0)
        };
        entry.caps.iter().map(left).min().unwrap_or(i64::MAX)
    }

    pub fn stands(&self, account: Account, entry: &Entry) -> bool {
        self.of_person(account)
            .any(|known| !known.reversal && !known.reversed && (&known.about, known.day) == (&entry.about, entry.day))
    }

    /// Earns: cut by the caps; a source earns once, taken back or not.
    pub fn earn(&mut self, account: Account, entry: Entry) -> Option<(i64, i64)> {
        let known = self.of_person(account).any(|known| !known.reversal && known.about == entry.about);
        let amount = entry.amount.min(self.room(account, &entry));
        if known || amount <= 0 {
            return None;
        }
        let capped = entry.amount - amount;
        self.post(account, Entry { amount, ..entry });
        Some((amount, capped))
    }

    pub fn reverse(&mut self, key: (Account, usize), today: Date) {
        let entry = &mut self.accounts.get_mut(&key.0).unwrap()[key.1];
        assert!(!entry.reversed && !entry.reversal);
        entry.reversed = true;
        let reversal = Entry { reversal: true, reversed: false, day: today, ..entry.clone() };
        self.post(key.0, reversal);
    }
}
