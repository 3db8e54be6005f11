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
    pub kind: Kind,
    /// Taken back, or settled.
    pub reversed: bool,
    /// When it was written.
    pub written: Date,
}

/// What a transfer does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    In,
    Reversal,
    Hold,
    Release,
    Redemption,
    Expiry,
}

impl Entry {
    /// What it changes about the balance.
    pub fn effect(&self) -> i64 {
        match self.kind {
            Kind::In | Kind::Release => self.amount,
            Kind::Reversal | Kind::Hold | Kind::Expiry => -self.amount,
            Kind::Redemption => 0,
        }
    }

    /// Whether it takes back or settles another.
    pub fn settles(&self) -> bool {
        matches!(self.kind, Kind::Reversal | Kind::Release | Kind::Redemption)
    }
}

impl Entry {
    /// Points that are spent, given back or gone.
    pub fn spent(kind: Kind, amount: i64, day: Date) -> Self {
        let about = "a reward".to_owned();
        Self { amount, code: "redemption", day, about, caps: Vec::new(), kind, reversed: false, written: day }
    }
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
    /// Every hold, settled or not.
    pub holds: Vec<(Account, usize)>,
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
        self.entries(account).iter().map(Entry::effect).sum()
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
        let entries = self.entries(account).iter().filter(|entry| entry.kind == Kind::In && !entry.reversed);
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
        self.of_person(account).any(|known| {
            known.kind == Kind::In && !known.reversed && (&known.about, known.day) == (&entry.about, entry.day)
        })
    }

    /// Earns: cut by the caps; a source earns once, taken back or not.
    pub fn earn(&mut self, account: Account, entry: Entry) -> Option<(i64, i64)> {
        let known = self.of_person(account).any(|known| known.kind == Kind::In && known.about == entry.about);
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
        assert!(!entry.reversed && entry.kind == Kind::In);
        entry.reversed = true;
        let reversal = Entry { kind: Kind::Reversal, reversed: false, day: today, ..entry.clone() };
        self.post(key.0, reversal);
    }

    /// What a person has under all their records.
    pub fn has(&self, person: usize) -> i64 {
        self.of_person((person, true)).map(Entry::effect).sum()
    }

    /// Spends points, unless there are too few.
    pub fn hold(&mut self, person: usize, amount: i64, today: Date) -> bool {
        let enough = self.has(person) >= amount;
        if enough {
            let key = self.post((person, true), Entry::spent(Kind::Hold, amount, today));
            self.holds.push(key);
        }
        enough
    }

    /// Hands over what was held, or gives it back to the record that it was taken from. `false`: it was settled.
    pub fn settle(&mut self, key: (Account, usize), kind: Kind, today: Date) -> bool {
        let entry = &mut self.accounts.get_mut(&key.0).unwrap()[key.1];
        let open = !std::mem::replace(&mut entry.reversed, true);
        let amount = entry.amount;
        if open {
            self.post(key.0, Entry::spent(kind, amount, today));
        }
        open
    }

    /// Takes what came in until the end of the month before last and is left, once for each month.
    pub fn expire(&mut self, today: Date) {
        let month = Month::of(today).previous().previous();
        for person in (0..PEOPLE).filter(|record| self.person(*record) == *record).collect::<Vec<_>>() {
            let came_in = |entry: &&Entry| {
                entry.code == "award_points"
                    && entry.kind == Kind::In
                    && !entry.reversed
                    && Month::of(entry.written) > month
            };
            let newer: i64 = self.of_person((person, true)).filter(came_in).map(|entry| entry.amount).sum();
            let about = month.to_string();
            let done = self.of_person((person, true)).any(|entry| entry.kind == Kind::Expiry && entry.about == about);
            let amount = self.has(person) - newer;
            if amount > 0 && !done {
                let entry = Entry { about, ..Entry::spent(Kind::Expiry, amount, today) };
                self.post((person, true), entry);
            }
        }
    }
}
