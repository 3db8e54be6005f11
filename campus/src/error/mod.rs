//! What can go wrong, said once: a stable code, a kind, and words for the reader.

mod codes;

pub use codes::Code;

use crate::language::Language;

/// The result of every verb.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What sort of refusal a code is; the API maps each to one status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The request cannot be read.
    Malformed,
    /// Nobody is logged in.
    Unauthenticated,
    /// Logged in, but not this person's kind of work.
    Forbidden,
    /// Absent, or not theirs to see.
    NotFound,
    /// At odds with what is already there.
    Conflict,
    /// Too much of it.
    TooLarge,
    /// Not a kind of content that is taken.
    Unsupported,
    /// Readable, but a field is wrong.
    Invalid,
    /// Too often.
    TooMany,
    /// Something this depends on is away for the moment.
    Unavailable,
    /// A defect of ours.
    Internal,
}

/// One field that was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// The field's name in the request; `residents[3].name` inside a list.
    pub field: String,
    /// Why.
    pub code: Code,
}

/// Why a verb did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A refusal with a stable code.
    #[error("{code:?}")]
    Refused {
        /// The stable code.
        code: Code,
        /// The fields at fault, when it is about fields.
        fields: Vec<FieldError>,
        /// Further members of the problem document.
        extra: Option<Box<serde_json::Value>>,
    },
    /// Too many attempts.
    #[error("too many attempts, again in {retry_after_seconds} s")]
    TooMany {
        /// When to come back, in seconds.
        retry_after_seconds: u64,
    },
    /// The database could not be reached, or stopped answering.
    #[error("database unavailable: {0}")]
    DatabaseUnavailable(String),
    /// The database refused a statement.
    #[error("database: {0}")]
    Database(diesel::result::Error),
    /// A defect: something that should hold does not.
    #[error("internal: {0}")]
    Internal(anyhow::Error),
}

impl Error {
    /// A refusal with nothing but its code.
    #[must_use]
    pub const fn code(code: Code) -> Self {
        Self::Refused { code, fields: Vec::new(), extra: None }
    }

    /// A refusal of one field.
    #[must_use]
    pub fn field(field: &str, code: Code) -> Self {
        Self::fields(vec![FieldError { field: field.to_owned(), code }])
    }

    /// A refusal of several fields at once.
    #[must_use]
    pub const fn fields(fields: Vec<FieldError>) -> Self {
        Self::Refused { code: Code::FieldsInvalid, fields, extra: None }
    }

    /// A refusal that carries further members for a program to read.
    #[must_use]
    pub fn with(code: Code, extra: serde_json::Value) -> Self {
        Self::Refused { code, fields: Vec::new(), extra: Some(Box::new(extra)) }
    }

    /// A defect, with what is known of it for the log.
    #[must_use]
    pub fn internal(message: impl std::fmt::Display) -> Self {
        Self::Internal(anyhow::anyhow!("{message}"))
    }

    /// What sort of refusal it is.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::Refused { code, .. } => code.kind(),
            Self::TooMany { .. } => Kind::TooMany,
            Self::DatabaseUnavailable(_) => Kind::Unavailable,
            Self::Database(_) | Self::Internal(_) => Kind::Internal,
        }
    }

    /// The stable code.
    #[must_use]
    pub fn stable_code(&self) -> Code {
        match self {
            Self::Refused { code, .. } => *code,
            Self::TooMany { .. } => Code::TooManyRequests,
            Self::DatabaseUnavailable(_) => Code::Unavailable,
            Self::Database(_) | Self::Internal(_) => Code::Internal,
        }
    }

    /// What to tell the reader. Never contains anything the database or a library said.
    #[must_use]
    pub fn detail(&self, language: Language) -> &'static str {
        self.stable_code().detail(language)
    }
}

impl From<diesel::result::Error> for Error {
    fn from(error: diesel::result::Error) -> Self {
        use diesel::result::{DatabaseErrorKind, Error as DieselError};
        match &error {
            DieselError::NotFound => Self::code(Code::NotFound),
            DieselError::DatabaseError(
                DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand,
                info,
            ) => Self::DatabaseUnavailable(info.message().to_owned()),
            DieselError::DatabaseError(DatabaseErrorKind::SerializationFailure, info) => {
                Self::DatabaseUnavailable(info.message().to_owned())
            }
            DieselError::DatabaseError(_, info) if is_outage(info.message()) => {
                Self::DatabaseUnavailable(info.message().to_owned())
            }
            DieselError::BrokenTransactionManager => Self::DatabaseUnavailable(error.to_string()),
            _ => Self::Database(error),
        }
    }
}

/// Messages of a server that is going down, coming up or out of connections: diesel
/// has no kind of its own for them.
fn is_outage(message: &str) -> bool {
    [
        "terminating connection",
        "the database system is",
        "connection closed",
        "server closed the connection",
        "too many clients",
        "remaining connection slots",
        "error communicating with the server",
        "canceling statement due to",
        "deadlock detected",
    ]
    .iter()
    .any(|known| message.contains(known))
}

impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Self {
        Self::Internal(error.into())
    }
}
