//! The people of the demo network. Names and numbers are invented, addresses end in `.example`.

use time::Date;
use time::macros::date;

/// Someone who works with the office app.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DemoStaff {
    /// The branch whose staff they are.
    pub branch_code: &'static str,
    /// Their name.
    pub name: &'static str,
    /// Where their mail goes, and what they log in with.
    pub email: &'static str,
}

/// A resident who can log in and learn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DemoResident {
    /// Their name.
    pub name: &'static str,
    /// Their birth date.
    pub birth_date: Date,
    /// Their mobile telephone, which they log in with.
    pub phone: &'static str,
}

/// The administrator, at the street centre.
pub const ADMIN: DemoStaff = staff("CQJD", "周慧敏", "admin@changqing.example");

/// Another one: what an admin proposes, somebody else approves.
pub const SECOND_ADMIN: DemoStaff = staff("CQJD", "钱卫东", "admin2@changqing.example");

/// One person for the street centre and one for each of its branch schools.
pub const STAFF: [DemoStaff; 13] = [
    staff("CQJD", "郑国平", "cqjd@changqing.example"),
    staff("CX", "林晓燕", "cx@changqing.example"),
    staff("WT", "赵文博", "wt@changqing.example"),
    staff("YX", "陈玉洁", "yx@changqing.example"),
    staff("CQ", "何志强", "cq@changqing.example"),
    staff("HP", "孙丽华", "hp@changqing.example"),
    staff("DH", "吴海涛", "dh@changqing.example"),
    staff("WJ", "蒋雪梅", "wj@changqing.example"),
    staff("SY", "沈明远", "sy@changqing.example"),
    staff("WM", "郭静怡", "wm@changqing.example"),
    staff("TY", "冯建军", "ty@changqing.example"),
    staff("FR", "许婷婷", "fr@changqing.example"),
    staff("ST", "曹振东", "st@changqing.example"),
];

/// Where the demo residents belong: the centre itself, which no ranking compares.
pub const RESIDENTS_BRANCH: &str = "CQJD";

/// Residents with accounts, for trying the learner's side.
pub const RESIDENTS: [DemoResident; 5] = [
    resident("顾秀兰", date!(1948 - 03 - 12), "13900000101"),
    resident("程德福", date!(1951 - 11 - 05), "13900000102"),
    resident("姚桂珍", date!(1955 - 07 - 21), "13900000103"),
    resident("邵国栋", date!(1959 - 01 - 30), "13900000104"),
    resident("殷美娟", date!(1964 - 09 - 08), "13900000105"),
];

const fn staff(branch_code: &'static str, name: &'static str, email: &'static str) -> DemoStaff {
    DemoStaff { branch_code, name, email }
}

const fn resident(name: &'static str, birth_date: Date, phone: &'static str) -> DemoResident {
    DemoResident { name, birth_date, phone }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{ADMIN, RESIDENTS, RESIDENTS_BRANCH, SECOND_ADMIN, STAFF};
    use crate::demo::BRANCHES_CSV;

    #[test]
    fn every_branch_has_one_person_and_every_person_a_login() {
        let listed: Vec<&str> = BRANCHES_CSV.lines().skip(1).filter_map(|line| line.split(',').next()).collect();
        let staffed: Vec<&str> = STAFF.iter().map(|staff| staff.branch_code).collect();
        assert_eq!(staffed, listed);
        assert!(listed.contains(&RESIDENTS_BRANCH) && listed.contains(&ADMIN.branch_code));

        let logins: BTreeSet<&str> = STAFF
            .iter()
            .chain([&ADMIN, &SECOND_ADMIN])
            .map(|staff| staff.email)
            .chain(RESIDENTS.iter().map(|resident| resident.phone))
            .collect();
        assert_eq!(logins.len(), STAFF.len() + 2 + RESIDENTS.len());
    }
}
