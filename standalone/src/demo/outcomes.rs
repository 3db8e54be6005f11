//! What the demo network recognises of what people achieve elsewhere.

use campus::Campus;
use campus::access::Actor;
use campus::idempotency::Request;
use campus::recognition::{self, OutcomeInput};
use uuid::Uuid;

/// An entry: kind, name, what must be shown, by what it counts, credits, limit a year, days of notice.
type Entry = (&'static str, &'static str, &'static str, &'static str, &'static str, &'static str, i16);

const OUTCOMES: [Entry; 5] = [
    ("certificate", "职业技能等级证书", "证书原件，要看得清姓名、编号和发证日期", "each", "10.00", "20.00", 5),
    ("certificate", "红十字急救员证", "急救员证原件，在有效期内", "each", "5.00", "5.00", 3),
    ("training", "线下培训结业", "结业证书，写明学时；没有证书的，请主办单位盖章证明", "hour", "0.50", "15.00", 0),
    ("volunteering", "志愿服务", "志愿者证或服务单位的时长证明", "hour", "0.25", "10.00", 3),
    ("other", "区级以上比赛获奖", "获奖证书原件，集体奖请附名单", "each", "3.00", "9.00", 5),
];

/// Writes the catalogue; what an earlier start has written stays.
///
/// # Errors
/// What the database says.
pub async fn make_outcomes(campus: &Campus, admin: &Actor) -> anyhow::Result<()> {
    for ((kind, name, requirement, basis, credits, year_cap, notice_days), place) in OUTCOMES.into_iter().zip(1_u128..)
    {
        let outcome = OutcomeInput {
            kind: kind.to_owned(),
            name: name.to_owned(),
            requirement: requirement.to_owned(),
            basis: basis.to_owned(),
            credits: credits.to_owned(),
            year_cap: Some(year_cap.to_owned()),
            notice_days,
            retired: false,
        };
        // The same key at each start: an entry is written once.
        let request = Request::new(admin.account_id, "demo_outcome", Uuid::from_u128(place), &outcome)?;
        recognition::add_outcome(campus, admin, &request, &outcome).await?;
    }
    Ok(())
}
