//! How a fact is said in xAPI.

use serde_json::{Map, Value, json};
use time::format_description::well_known::Rfc3339;
use uuid::Uuid;

use super::{Activity, ActivityKind, Fact, Outcome, Verb, Within};
use crate::clock::Clock;
use crate::error::{Error, Result};
use crate::ids::named_id;

/// Where this platform's own address is asked for.
const PLATFORM: &str = "常青学堂";
const LANGUAGE: &str = "zh-CN";
/// The extension that cmi5 has made for it: whole percent.
const PROGRESS: &str = "https://w3id.org/xapi/cmi5/result/extensions/progress";

/// A statement without whom it names.
pub(super) struct Said {
    /// Follows from what it says, and from a name that nobody can guess.
    pub(super) id: Uuid,
    pub(super) body: Value,
}

impl Verb {
    const fn name(self) -> &'static str {
        match self {
            Self::Registered => "registered",
            Self::Progressed => "progressed",
            Self::Completed => "completed",
            Self::Passed => "passed",
            Self::Failed => "failed",
        }
    }

    const fn chinese(self) -> &'static str {
        match self {
            Self::Registered => "报名",
            Self::Progressed => "学到",
            Self::Completed => "学完",
            Self::Passed => "通过",
            Self::Failed => "未通过",
        }
    }
}

impl ActivityKind {
    /// Its page, and its name in the vocabulary of ADL.
    const fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Course => ("course", "course"),
            Self::Lesson => ("lesson", "lesson"),
            Self::Assessment => ("lesson", "assessment"),
        }
    }
}

/// What `fact` is as a statement of who has this name.
pub(super) fn said(site: &str, clock: &Clock, name: Uuid, fact: &Fact<'_>) -> Result<Said> {
    let Fact { verb, activity, within, outcome, at, occasion } = fact;
    let registration = within.map(|course| named_id(name, course.id.as_bytes()));
    let told = format!("{} {} {}", verb.name(), activity.id, occasion.unwrap_or_default());
    let id = named_id(registration.unwrap_or(name), told.as_bytes());
    let mut body = json!({
        "id": id,
        "verb": {
            "id": format!("http://adlnet.gov/expapi/verbs/{}", verb.name()),
            "display": {"zh-CN": verb.chinese(), "en": verb.name()},
        },
        "object": object(site, activity),
        "context": context(site, activity, within.as_ref(), registration),
        "timestamp": clock.local(*at).format(&Rfc3339).map_err(Error::internal)?,
    });
    let result = result(outcome);
    if let (Some(body), false) = (body.as_object_mut(), result.is_empty()) {
        body.insert("result".to_owned(), result.into());
    }
    Ok(Said { id, body })
}

/// The statement with whom it names: somebody with an account here, and nothing else of them.
pub(super) fn naming(site: &str, name: Uuid, mut body: Value) -> Value {
    if let Some(body) = body.as_object_mut() {
        let actor = json!({"objectType": "Agent", "account": {"homePage": site, "name": name}});
        body.insert("actor".to_owned(), actor);
    }
    body
}

fn object(site: &str, activity: &Activity<'_>) -> Value {
    let (page, kind) = activity.kind.names();
    json!({
        "objectType": "Activity",
        "id": format!("{site}/{page}/?id={}", activity.id),
        "definition": {
            "type": format!("http://adlnet.gov/expapi/activities/{kind}"),
            "name": {LANGUAGE: activity.title},
        },
    })
}

fn context(site: &str, activity: &Activity<'_>, within: Option<&Within<'_>>, registration: Option<Uuid>) -> Value {
    let mut context = Map::new();
    context.insert("platform".to_owned(), PLATFORM.into());
    context.insert("language".to_owned(), LANGUAGE.into());
    if let (Some(course), Some(registration)) = (within, registration) {
        context.insert("registration".to_owned(), json!(registration));
        context.insert("revision".to_owned(), course.version.to_string().into());
        if activity.id != course.id {
            let course = Activity { kind: ActivityKind::Course, id: course.id, title: course.title };
            let course = object(site, &course);
            context.insert("contextActivities".to_owned(), json!({"parent": [course], "grouping": [course]}));
        }
    }
    context.into()
}

fn result(outcome: &Outcome) -> Map<String, Value> {
    let mut result = Map::new();
    let mut add = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            result.insert(name.to_owned(), value);
        }
    };
    add("completion", outcome.finished.map(Value::from));
    add("success", outcome.passed.map(Value::from));
    let score = |score: i16| json!({"scaled": f64::from(score) / 100.0, "raw": score, "min": 0, "max": 100});
    add("score", outcome.score.map(score));
    add("duration", outcome.duration_ms.map(|milliseconds| duration(milliseconds).into()));
    add("extensions", outcome.progress.map(|percent| json!({PROGRESS: percent})));
    result
}

/// As ISO 8601 has it, to the hundredth of a second, which is what stores compare by: `PT1H2M3.45S`.
fn duration(milliseconds: i64) -> String {
    let (seconds, rest) = (milliseconds.max(0) / 1000, milliseconds.max(0) % 1000 / 10);
    let mut text = String::from("PT");
    for (amount, unit) in [(seconds / 3600, 'H'), (seconds / 60 % 60, 'M')] {
        if amount > 0 {
            text.push_str(&format!("{amount}{unit}"));
        }
    }
    let fraction = if rest > 0 { format!(".{rest:02}") } else { String::new() };
    text + &format!("{}{fraction}S", seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::duration;

    #[test]
    fn durations_are_written_as_iso_8601_has_them() {
        let written = [0, 9, 54_000, 61_050, 3_600_000, 93_784_560].map(duration);
        assert_eq!(written, ["PT0S", "PT0S", "PT54S", "PT1M1.05S", "PT1H0S", "PT26H3M4.56S"]);
    }
}
