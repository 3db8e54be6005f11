//! Why a file is not taken, in words for the person who uploaded it.

use std::fmt;

/// What a refused file turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FoundType {
    /// A picture: PNG, JPEG, GIF, WebP, HEIC …
    Image,
    /// A list of addresses to play (HLS, DASH …), not the video itself.
    Playlist,
    /// Words: plain text, HTML, XML, subtitles.
    Text,
    /// Sound without any picture: MP3, WAV, FLAC, Ogg …
    Sound,
    /// An office document, a PDF or an archive.
    Document,
    /// None of the kinds known here.
    Unknown,
}

/// Why an uploaded file cannot become a lesson's video. The fault is in the file: trying again
/// with the same file gives the same answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MediaRefusal {
    /// The file's first bytes are not those of a video container on the allow-list.
    #[error("not a video of a permitted type: {0:?}")]
    TypeNotAllowed(FoundType),
    /// The file has no bytes.
    #[error("the file is empty")]
    Empty,
    /// The file ends before the video does.
    #[error("the file is cut off")]
    Truncated,
    /// It looks like a video from outside, but nothing in it can be decoded.
    #[error("the video cannot be decoded")]
    Unreadable,
    /// The video lasts longer than a lesson may.
    #[error("{duration_ms} ms is longer than the permitted {maximum_ms} ms")]
    TooLong {
        /// How long it is, in milliseconds.
        duration_ms: u32,
        /// How long it may be, in milliseconds.
        maximum_ms: u32,
    },
    /// A side of the picture has more pixels than we decode.
    #[error("a picture of {width}×{height} is larger than {maximum_side} a side")]
    PictureTooLarge {
        /// Pixels across.
        width: u32,
        /// Pixels down.
        height: u32,
        /// The most pixels a side may have.
        maximum_side: u32,
    },
    /// There is sound at most, but no moving picture.
    #[error("there is no moving picture in the file")]
    WithoutPicture,
}

impl MediaRefusal {
    /// The stable, machine-read name of this refusal.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TypeNotAllowed(_) => "video_type_not_allowed",
            Self::Empty => "video_empty",
            Self::Truncated => "video_truncated",
            Self::Unreadable => "video_unreadable",
            Self::TooLong { .. } => "video_too_long",
            Self::PictureTooLarge { .. } => "video_too_large_picture",
            Self::WithoutPicture => "video_without_picture",
        }
    }

    /// What happened and what to do, in plain words. `language` is a BCP 47 tag; anything that is
    /// not English is answered in Chinese, the language of the house.
    #[must_use]
    pub fn detail(&self, language: &str) -> String {
        if language.to_ascii_lowercase().starts_with("en") { self.english() } else { self.chinese() }
    }

    fn chinese(&self) -> String {
        match self {
            Self::TypeNotAllowed(found) => format!(
                "这个文件{}，不能作为课程视频。请上传 MP4、MOV、MKV、WebM、AVI、WMV、FLV 或 TS 视频文件。",
                found.chinese()
            ),
            Self::Empty => "文件是空的，没有任何内容。请检查原文件后重新上传。".to_owned(),
            Self::Truncated => "视频不完整，后面一段缺失，可能是拷贝或上传中断。请用完整的原文件重新上传。".to_owned(),
            Self::Unreadable => {
                "视频已损坏或编码方式无法识别。请先在电脑上播放确认，再导出为 MP4（H.264）后上传。".to_owned()
            }
            Self::TooLong { duration_ms, maximum_ms } => format!(
                "视频长 {} 分钟，超过一节课最长 {} 分钟。请剪成几节课分别上传。",
                minutes_up(*duration_ms),
                minutes_down(*maximum_ms)
            ),
            Self::PictureTooLarge { width, height, maximum_side } => {
                format!("画面为 {width}×{height}，每边最多 {maximum_side} 像素。请导出为 1080p 后再上传。")
            }
            Self::WithoutPicture => "文件里只有声音，没有画面。请上传带画面的视频文件。".to_owned(),
        }
    }

    fn english(&self) -> String {
        match self {
            Self::TypeNotAllowed(found) => format!(
                "This file {} and cannot be a course video. Please upload an MP4, MOV, MKV, WebM, AVI, WMV, FLV or TS video.",
                found.english()
            ),
            Self::Empty => {
                "The file is empty. Please check the original and upload it again.".to_owned()
            }
            Self::Truncated => "The video is cut off: its end is missing, perhaps because a copy or an upload was interrupted. Please upload the whole original again.".to_owned(),
            Self::Unreadable => "The video is damaged or in an unknown encoding. Please check that it plays on a computer, export it as MP4 (H.264) and upload that.".to_owned(),
            Self::TooLong {
                duration_ms,
                maximum_ms,
            } => format!(
                "The video lasts {} minutes; a lesson may last {} at most. Please cut it into several lessons.",
                minutes_up(*duration_ms),
                minutes_down(*maximum_ms)
            ),
            Self::PictureTooLarge {
                width,
                height,
                maximum_side,
            } => format!(
                "The picture is {width}×{height}; a side may have {maximum_side} pixels at most. Please export it as 1080p and upload that."
            ),
            Self::WithoutPicture => {
                "The file has sound but no picture. Please upload a video with a picture."
                    .to_owned()
            }
        }
    }
}

impl FoundType {
    const fn chinese(self) -> &'static str {
        match self {
            Self::Image => "是图片",
            Self::Playlist => "只是播放列表，不含视频本身",
            Self::Text => "是文字或网页",
            Self::Sound => "只是录音",
            Self::Document => "是文档或压缩包",
            Self::Unknown => "不是我们认识的视频格式",
        }
    }

    const fn english(self) -> &'static str {
        match self {
            Self::Image => "is a picture",
            Self::Playlist => "is a playlist without the video itself",
            Self::Text => "is text or a web page",
            Self::Sound => "is a sound recording",
            Self::Document => "is a document or an archive",
            Self::Unknown => "is not a video format we know",
        }
    }
}

/// Rounded up, so that a video one second too long does not read as just within the limit.
const fn minutes_up(milliseconds: u32) -> u32 {
    milliseconds.div_ceil(60_000)
}

const fn minutes_down(milliseconds: u32) -> u32 {
    milliseconds / 60_000
}

/// Why looking at a file or transcoding it did not end well.
#[derive(Debug, thiserror::Error)]
pub enum MediaError {
    /// The file itself is at fault; trying again is of no use.
    #[error(transparent)]
    Refused(#[from] MediaRefusal),
    /// A program this machine should have is missing.
    #[error("{0} is not installed or not in PATH; install the ffmpeg package")]
    ToolMissing(&'static str),
    /// The program was still running when its time was up, and was killed.
    #[error("{tool} took longer than {limit_seconds} s and was stopped")]
    TimedOut {
        /// Which program.
        tool: &'static str,
        /// The wall time it had, in seconds.
        limit_seconds: u64,
    },
    /// The program gave up, or was killed by one of its limits. Trying again may help: a full
    /// disk looks like this.
    #[error("{tool} ended with {ended}: {stderr}")]
    ToolFailed {
        /// Which program.
        tool: &'static str,
        /// Its exit status.
        ended: String,
        /// The last it said.
        stderr: String,
    },
    /// The program's answer is not what it promises to be.
    #[error("{tool} answered in an unexpected way: {reason}")]
    UnexpectedAnswer {
        /// Which program.
        tool: &'static str,
        /// What was wrong with it.
        reason: String,
    },
    /// A local file could not be read, written or measured.
    #[error("{doing}: {source}")]
    Io {
        /// What was being done.
        doing: &'static str,
        /// What the system said.
        source: std::io::Error,
    },
}

impl MediaError {
    /// The refusal, where the file is at fault.
    #[must_use]
    pub const fn refusal(&self) -> Option<&MediaRefusal> {
        match self {
            Self::Refused(refusal) => Some(refusal),
            _ => None,
        }
    }

    pub(super) fn io(doing: &'static str) -> impl FnOnce(std::io::Error) -> Self {
        move |source| Self::Io { doing, source }
    }

    pub(super) fn unexpected(tool: &'static str, reason: impl fmt::Display) -> Self {
        Self::UnexpectedAnswer { tool, reason: reason.to_string() }
    }
}
