//! Who is asking, what kind of work they may do, and the proof that a room issues
//! for one object.

mod actions;

use std::marker::PhantomData;
use std::sync::Arc;

use time::{Duration, OffsetDateTime};
use uuid::Uuid;

pub use actions::*;

use crate::error::{Code, Error, Result};
use crate::language::Language;

/// What an account is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// A learner.
    Resident,
    /// Works for one branch and those below it.
    BranchStaff,
    /// Works for the street centre: everything.
    Admin,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 3] = [Self::Resident, Self::BranchStaff, Self::Admin];

    /// The name in the API and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Resident => "resident",
            Self::BranchStaff => "branch_staff",
            Self::Admin => "admin",
        }
    }

    /// The role of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == name)
    }
}

/// The account that asks, as it stands at this request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The account.
    pub account_id: Uuid,
    /// Its role.
    pub role: Role,
    /// The branch it works for; a resident's own branch is on their record instead.
    pub branch_id: Option<Uuid>,
    /// The resident it belongs to.
    pub resident_id: Option<Uuid>,
    /// The request it came with, for the audit.
    pub request_id: Option<Arc<str>>,
    /// The language it reads.
    pub language: Language,
    /// The session it came with; `None` for what no session does.
    pub session: Option<SessionProof>,
    /// From when it does nothing else before it has a second factor; `None`: it has one, or needs none.
    pub second_factor_due: Option<OffsetDateTime>,
}

/// Which session a request belongs to, and when its holder last showed who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionProof {
    /// The session's family of refresh tokens.
    pub id: Uuid,
    /// When the password, and the code where there is one, were last given.
    pub proved_at: OffsetDateTime,
}

/// How long a proof serves for work that needs a fresh one.
pub const FRESH_FOR: Duration = Duration::minutes(15);

/// How long staff and admins work without a second factor, from the day their account was made:
/// time to get hold of a phone, and no longer.
pub const SECOND_FACTOR_GRACE: Duration = Duration::days(14);

impl Actor {
    /// Whether its holder showed who they are within the last 15 minutes.
    #[must_use]
    pub fn has_fresh_proof(&self, now: OffsetDateTime) -> bool {
        self.session.is_some_and(|session| now - session.proved_at < FRESH_FOR)
    }

    /// Whether its holder has put off the second factor for too long.
    #[must_use]
    pub fn lacks_second_factor(&self, now: OffsetDateTime) -> bool {
        self.second_factor_due.is_some_and(|due| due <= now)
    }

    /// Whether it may do `A` at all, now.
    ///
    /// # Errors
    /// [`Code::Forbidden`] for another role's work, [`Code::SecondFactorUnset`] before there is a
    /// second factor, [`Code::ReauthenticationRequired`] when the last proof is too old.
    pub fn require<A: Action>(&self, now: OffsetDateTime) -> Result<()> {
        if !may::<A>(self.role) {
            return Err(Error::code(Code::Forbidden));
        }
        if !A::UNGUARDED && self.lacks_second_factor(now) {
            return Err(Error::code(Code::SecondFactorUnset));
        }
        if A::FRESH && !self.has_fresh_proof(now) {
            return Err(Error::code(Code::ReauthenticationRequired));
        }
        Ok(())
    }

    /// What it may do now, by name.
    #[must_use]
    pub fn permissions(&self, now: OffsetDateTime) -> Vec<&'static str> {
        if self.lacks_second_factor(now) { unguarded_permissions(self.role) } else { permissions(self.role) }
    }

    /// Whether this is an admin.
    #[must_use]
    pub fn is_admin(&self) -> bool {
        self.role == Role::Admin
    }

    /// The resident behind a resident's account.
    ///
    /// # Errors
    /// [`Code::Forbidden`] for accounts that are no resident's.
    pub fn resident(&self) -> Result<Uuid> {
        self.resident_id.ok_or_else(|| Error::code(Code::Forbidden))
    }
}

/// A kind of work, with the roles that may do it at all. Which objects they may do it
/// to is for the rooms to prove.
pub trait Action {
    /// Its name, as it stands in the API's description and in `GET /me`.
    const NAME: &'static str;
    /// The roles that may.
    const ROLES: &'static [Role];
    /// Whether it needs a proof of the last 15 minutes.
    const FRESH: bool;
    /// Whether staff may do it who have put off their second factor for too long.
    const UNGUARDED: bool;
}

/// Whether `role` may do `A` at all.
#[must_use]
pub fn may<A: Action>(role: Role) -> bool {
    A::ROLES.contains(&role)
}

/// Proof that an actor may do something (`Permission`) to one `Object`. Only the rooms
/// of this crate issue it, each for its own objects.
#[derive(Debug, Clone)]
pub struct Proof<Permission, Object> {
    object: Object,
    permission: PhantomData<Permission>,
}

impl<Permission, Object> Proof<Permission, Object> {
    /// Issued by a room that has checked.
    pub(crate) const fn issue(object: Object) -> Self {
        Self { object, permission: PhantomData }
    }

    /// What it was issued for.
    pub const fn object(&self) -> &Object {
        &self.object
    }
}

/// May change it.
#[derive(Debug, Clone)]
pub struct Manage;
/// May see it in full.
#[derive(Debug, Clone)]
pub struct View;
/// May learn from it.
#[derive(Debug, Clone)]
pub struct Study;

/// May see it, enrol it and fill in for it, as a helper whom it has allowed.
#[derive(Debug, Clone)]
pub struct Help;

/// Proof of [`Manage`].
pub type CanManage<Object> = Proof<Manage, Object>;
/// Proof of [`View`].
pub type CanView<Object> = Proof<View, Object>;
/// Proof of [`Study`].
pub type CanStudy<Object> = Proof<Study, Object>;
/// Proof of [`Help`].
pub type CanHelp<Object> = Proof<Help, Object>;

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    fn actor(proved_at: Option<OffsetDateTime>, second_factor_due: Option<OffsetDateTime>) -> Actor {
        Actor {
            account_id: Uuid::nil(),
            role: Role::Admin,
            branch_id: None,
            resident_id: None,
            request_id: None,
            language: Language::Chinese,
            session: proved_at.map(|proved_at| SessionProof { id: Uuid::nil(), proved_at }),
            second_factor_due,
        }
    }

    const MOMENT: Duration = Duration::nanoseconds(1);

    #[test]
    fn a_proof_serves_for_less_than_a_quarter_of_an_hour() {
        let proved_at = datetime!(2026-11-22 10:00 +8);
        let fresh = |at| actor(Some(proved_at), None).has_fresh_proof(at);
        assert!(fresh(proved_at) && fresh(proved_at + FRESH_FOR - MOMENT));
        assert!(!fresh(proved_at + FRESH_FOR));
        assert!(!actor(None, None).has_fresh_proof(proved_at));
    }

    #[test]
    fn an_admin_is_nobody_else() {
        for (role, is_admin) in [(Role::Admin, true), (Role::BranchStaff, false), (Role::Resident, false)] {
            assert_eq!(Actor { role, ..actor(None, None) }.is_admin(), is_admin);
        }
    }

    #[test]
    fn a_second_factor_is_lacking_from_the_moment_it_is_due() {
        let due = datetime!(2026-11-22 10:00 +8);
        let lacks = |at| actor(None, Some(due)).lacks_second_factor(at);
        assert!(!lacks(due - MOMENT) && lacks(due) && lacks(due + MOMENT));
        assert!(!actor(None, None).lacks_second_factor(due));
    }
}
