//! Why a file is not read.

use super::columns::Field;

/// What a file is that is no workbook and no separated text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// PDF.
    Pdf,
    /// JPEG, PNG, GIF, BMP, TIFF.
    Picture,
    /// Sound or video.
    Recording,
    /// RAR, 7z, gzip, or a zip archive with something else in it.
    Archive,
    /// Word or RTF.
    TextDocument,
    /// PowerPoint.
    SlideShow,
    /// OpenDocument (ods, odt).
    OpenDocument,
    /// xlsb.
    BinaryXlsx,
    /// A web page, often written by a system under the name of a workbook.
    WebPage,
    /// XML, the spreadsheets of 2003 among it.
    Xml,
    /// None of these.
    Unknown,
}

impl FileKind {
    /// The kind in English, with its article.
    pub fn english(self) -> &'static str {
        match self {
            Self::Pdf => "a PDF document",
            Self::Picture => "a picture",
            Self::Recording => "a recording",
            Self::Archive => "an archive",
            Self::TextDocument => "a text document",
            Self::SlideShow => "a slide show",
            Self::OpenDocument => "an OpenDocument file",
            Self::BinaryXlsx => "a binary workbook (xlsb)",
            Self::WebPage => "a web page, whatever its name says",
            Self::Xml => "an XML document, whatever its name says",
            Self::Unknown => "neither a workbook nor a text",
        }
    }

    /// The kind in Chinese.
    pub fn chinese(self) -> &'static str {
        match self {
            Self::Pdf => "PDF 文档",
            Self::Picture => "图片",
            Self::Recording => "音视频文件",
            Self::Archive => "压缩包",
            Self::TextDocument => "文字文档",
            Self::SlideShow => "演示文稿",
            Self::OpenDocument => "OpenDocument 文件",
            Self::BinaryXlsx => "二进制工作簿（xlsb）",
            Self::WebPage => "网页（虽然文件名像表格）",
            Self::Xml => "XML 文件（虽然文件名像表格）",
            Self::Unknown => "无法识别的文件",
        }
    }
}

/// A file that cannot be imported, and why. The message says what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// More bytes than are read.
    #[error("the file is larger than {limit} bytes: split it, or remove pictures from it")]
    TooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// No bytes, or a header without a single person below it.
    #[error("nobody is in the file: fill in the rows below the header")]
    Empty,
    /// A kind of file that is not read.
    #[error("the file is {}: save it as .xlsx or .csv and hand that in", kind.english())]
    UnsupportedFormat {
        /// What the file is, in plain words.
        kind: FileKind,
    },
    /// A workbook that opens only with a password.
    #[error("the workbook is protected by a password: remove the password and save it again")]
    PasswordProtected,
    /// A damaged file, or one that claims to be what it is not.
    #[error("the file cannot be read ({reason}): open it, save it again as .xlsx and hand that in")]
    Unreadable {
        /// What the reader stumbled over, for the log.
        reason: String,
    },
    /// The compressed file swells beyond what is read.
    #[error("the file unpacks to more than {limit} bytes: save only the roster as .xlsx or .csv")]
    ZipBomb {
        /// The limit in bytes, unpacked.
        limit: u64,
    },
    /// A readable file without the header of a roster.
    #[error("no header of a roster was found; missing: {}", names(missing))]
    NotARoster {
        /// The columns that the best header of the file lacks.
        missing: Vec<Field>,
    },
    /// More people than are imported from one file.
    #[error("the roster has more than {limit} rows: split it into several files")]
    TooManyRows {
        /// The limit in data rows.
        limit: usize,
    },
}

impl Refusal {
    /// The stable code for the API.
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "roster_too_large",
            Self::Empty => "roster_empty",
            Self::UnsupportedFormat { .. } => "roster_unsupported_format",
            Self::PasswordProtected => "roster_password_protected",
            Self::Unreadable { .. } => "roster_unreadable",
            Self::ZipBomb { .. } => "roster_zip_bomb",
            Self::NotARoster { .. } => "roster_not_a_roster",
            Self::TooManyRows { .. } => "roster_too_many_rows",
        }
    }

    pub(super) fn unreadable(reason: impl std::fmt::Display) -> Self {
        Self::Unreadable { reason: reason.to_string() }
    }
}

fn names(missing: &[Field]) -> String {
    missing.iter().map(|field| field.label()).collect::<Vec<_>>().join("、")
}
