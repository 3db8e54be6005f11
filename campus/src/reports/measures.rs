//! What is counted for a branch and a month.

use crate::credits::Evidence;
use crate::error::{Code, Error, Result};

/// An enumeration whose variants have names in the API and the database.
macro_rules! named {
    ($(#[$about:meta])* $name:ident { $($(#[$meaning:meta])* $variant:ident $text:literal,)* }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[$meaning])* $variant,)*
        }

        impl $name {
            /// Every one, in the order of reports.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The name in the API and the database.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            /// The one of this name.
            #[must_use]
            pub fn from_name(name: &str) -> Option<Self> {
                match name { $($text => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

pub(super) use named;

named! {
    /// What is counted for a branch and a month, in whole units, and kept when the month closes.
    Measure {
        /// People who live there.
        Population "population",
        /// Residents whose registration counts in the month, at the branch that registered them.
        NewRegistrations "new_registrations",
        /// Residents of the branch at the month's end whose registration counts in it or an earlier one.
        TotalRegistrations "total_registrations",
        /// Residents with watching that counts in the month.
        ActiveLearners "active_learners",
        /// Those of them who count at another branch too, at all but the last: the street's whole is
        /// without them.
        RepeatedLearners "repeated_learners",
        /// Those of them who count at another branch of the same school too, at all but the last: the
        /// school's whole is without them.
        RepeatedInSchool "repeated_in_school",
        /// Milliseconds of video watched and verified.
        WatchedMilliseconds "watched_milliseconds",
        /// Courses finished.
        Completions "completions",
        /// Hundredths of a credit given, less those reversed.
        Credits "credits",
        /// Those of [`Measure::Credits`] whose evidence is `system`.
        CreditsSystem "credits_system",
        /// Those of [`Measure::Credits`] whose evidence is `scanned`.
        CreditsScanned "credits_scanned",
        /// Those of [`Measure::Credits`] whose evidence is `checked_in`.
        CreditsCheckedIn "credits_checked_in",
        /// Those of [`Measure::Credits`] whose evidence is `listed`.
        CreditsListed "credits_listed",
        /// Those of [`Measure::Credits`] whose evidence is `declared`.
        CreditsDeclared "credits_declared",
        /// Who attended activities; not known before there are any.
        Attendances "attendances",
        /// Residents of the branch at the month's end who were taught in the calendar year so far.
        Trained "trained",
        /// Those of them in the group `elderly`.
        TrainedElderly "trained_elderly",
        /// Those of them in the group `laid_off`.
        TrainedLaidOff "trained_laid_off",
        /// Those of them in the group `migrant`.
        TrainedMigrant "trained_migrant",
        /// Those of them in the group `youth`.
        TrainedYouth "trained_youth",
        /// Those of them in the group `parent`.
        TrainedParent "trained_parent",
        /// Those of them in the group `disabled`.
        TrainedDisabled "trained_disabled",
        /// Those of them in the group `employed`.
        TrainedEmployed "trained_employed",
        /// Those of them in the group `veteran`.
        TrainedVeteran "trained_veteran",
        /// Those of them in the group `resident`.
        TrainedResident "trained_resident",
        /// People who live there and are in the group `elderly`.
        PopulationElderly "population_elderly",
        /// People who live there and are in the group `laid_off`.
        PopulationLaidOff "population_laid_off",
        /// People who live there and are in the group `migrant`.
        PopulationMigrant "population_migrant",
        /// People who live there and are in the group `youth`.
        PopulationYouth "population_youth",
        /// People who live there and are in the group `parent`.
        PopulationParent "population_parent",
        /// People who live there and are in the group `disabled`.
        PopulationDisabled "population_disabled",
        /// People who live there and are in the group `employed`.
        PopulationEmployed "population_employed",
        /// People who live there and are in the group `veteran`.
        PopulationVeteran "population_veteran",
        /// People who live there and are in the group `resident`.
        PopulationResident "population_resident",
    }
}

named! {
    /// A target group, as residents have them.
    Group {
        /// Older people.
        Elderly "elderly",
        /// People out of work.
        LaidOff "laid_off",
        /// Migrant workers.
        Migrant "migrant",
        /// Young people.
        Youth "youth",
        /// Parents.
        Parent "parent",
        /// People with disabilities.
        Disabled "disabled",
        /// Employees.
        Employed "employed",
        /// Veterans.
        Veteran "veteran",
        /// Other residents.
        Resident "resident",
    }
}

impl Measure {
    /// What the street's sum of this measure holds more than once.
    pub(super) const fn repeated(self) -> Option<Self> {
        match self {
            Self::ActiveLearners => Some(Self::RepeatedLearners),
            _ => None,
        }
    }

    /// What a school's sum of this measure over its teaching points holds more than once.
    pub(super) const fn repeated_in_school(self) -> Option<Self> {
        match self {
            Self::ActiveLearners => Some(Self::RepeatedInSchool),
            _ => None,
        }
    }

    /// Whether it is entered for a branch and not counted from records; not known where nobody has.
    pub(super) const fn is_entered(self) -> bool {
        matches!(
            self,
            Self::Population
                | Self::PopulationElderly
                | Self::PopulationLaidOff
                | Self::PopulationMigrant
                | Self::PopulationYouth
                | Self::PopulationParent
                | Self::PopulationDisabled
                | Self::PopulationEmployed
                | Self::PopulationVeteran
                | Self::PopulationResident
        )
    }

    /// Whether there is anything yet that it could be counted from.
    pub(super) const fn has_records(self) -> bool {
        !matches!(self, Self::Attendances)
    }

    /// Credits of one grade.
    pub(super) const fn credits(evidence: Evidence) -> Self {
        match evidence {
            Evidence::System => Self::CreditsSystem,
            Evidence::Scanned => Self::CreditsScanned,
            Evidence::CheckedIn => Self::CreditsCheckedIn,
            Evidence::Listed => Self::CreditsListed,
            Evidence::Declared => Self::CreditsDeclared,
        }
    }

    /// Those taught, of one group.
    pub(super) const fn trained(group: Group) -> Self {
        match group {
            Group::Elderly => Self::TrainedElderly,
            Group::LaidOff => Self::TrainedLaidOff,
            Group::Migrant => Self::TrainedMigrant,
            Group::Youth => Self::TrainedYouth,
            Group::Parent => Self::TrainedParent,
            Group::Disabled => Self::TrainedDisabled,
            Group::Employed => Self::TrainedEmployed,
            Group::Veteran => Self::TrainedVeteran,
            Group::Resident => Self::TrainedResident,
        }
    }

    /// The people of one group.
    pub(super) const fn population(group: Group) -> Self {
        match group {
            Group::Elderly => Self::PopulationElderly,
            Group::LaidOff => Self::PopulationLaidOff,
            Group::Migrant => Self::PopulationMigrant,
            Group::Youth => Self::PopulationYouth,
            Group::Parent => Self::PopulationParent,
            Group::Disabled => Self::PopulationDisabled,
            Group::Employed => Self::PopulationEmployed,
            Group::Veteran => Self::PopulationVeteran,
            Group::Resident => Self::PopulationResident,
        }
    }
}

impl Group {
    /// What it is called where only Chinese is spoken: in mails and on paper.
    #[must_use]
    pub const fn chinese(self) -> &'static str {
        match self {
            Self::Elderly => "老年人",
            Self::LaidOff => "下岗失业人员",
            Self::Migrant => "外来务工人员",
            Self::Youth => "青少年",
            Self::Parent => "家长",
            Self::Disabled => "残障人士",
            Self::Employed => "在职职工",
            Self::Veteran => "退役军人",
            Self::Resident => "一般居民",
        }
    }

    /// What it is called in English.
    #[must_use]
    pub const fn english(self) -> &'static str {
        match self {
            Self::Elderly => "Older people",
            Self::LaidOff => "People out of work",
            Self::Migrant => "Migrant workers",
            Self::Youth => "Young people",
            Self::Parent => "Parents",
            Self::Disabled => "People with disabilities",
            Self::Employed => "Employees",
            Self::Veteran => "Veterans",
            Self::Resident => "Other residents",
        }
    }

    /// The group of this name, as a request gives it.
    ///
    /// # Errors
    /// [`Code::GroupUnknown`] on the field `group`.
    pub fn parse(name: &str) -> Result<Self> {
        Self::from_name(name).ok_or_else(|| Error::field("group", Code::GroupUnknown))
    }
}
