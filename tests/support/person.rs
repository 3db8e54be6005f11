//! Who people in tests are.

use time::Date;
use time::macros::date;

/// Who a resident is.
#[derive(Debug, Clone)]
pub struct Person {
    /// Their name.
    pub name: String,
    /// Their date of birth.
    pub birth_date: Date,
    /// Their telephone.
    pub phone: Option<String>,
    /// Their e-mail address.
    pub email: Option<String>,
    /// Their ID number.
    pub id_number: Option<String>,
    /// When they registered; today where nothing is said.
    pub registered_on: Option<Date>,
}

impl Default for Person {
    /// Somebody whose name nobody else in this test has.
    fn default() -> Self {
        Self {
            name: unused_name(),
            birth_date: date!(1956 - 03 - 02),
            phone: None,
            email: None,
            id_number: None,
            registered_on: None,
        }
    }
}

/// 张 and two characters that count up.
fn unused_name() -> String {
    static COUNTER: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
    let number = COUNTER.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let letter = |place: u32| char::from_u32(0x4E00 + place % 5000).expect("these are all characters");
    format!("张{}{}", letter(number / 5000), letter(number))
}
