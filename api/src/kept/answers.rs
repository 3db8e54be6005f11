//! Finished answers, kept until what they say changes.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderMap, HeaderValue};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse};
use campus::Campus;
use campus::db::notices::Notice;
use quick_cache::Weighter;
use quick_cache::sync::Cache;
use sha2::{Digest, Sha256};
use tokio::sync::broadcast::error::RecvError;

use crate::problem::{Answer, Problem};

/// What all answers together may take, in bytes.
const CAPACITY: u64 = 16 * 1024 * 1024;

/// How many there may be expected to be.
const EXPECTED: usize = 4096;

/// The longest address an answer is found under, in bytes.
const LONGEST_ADDRESS: usize = 512;

/// Answers about one topic, by the address that was asked for and by what it means.
///
/// An answer counts only while nothing has changed since before it was read: it carries the
/// generation of that moment, so that one which was read before a change and kept after it
/// is never given out. While changes cannot be heard of, nothing is kept or given out.
pub struct Answers {
    /// What is heard when they no longer hold.
    topic: Notice,
    /// What browsers are told of keeping them.
    cache_control: &'static str,
    answers: Cache<Arc<str>, Arc<Kept>, Weight>,
    generation: AtomicU64,
    hearing: AtomicBool,
}

/// One finished answer.
pub(super) struct Kept {
    generation: u64,
    cache_control: &'static str,
    body: Bytes,
    tag: HeaderValue,
}

impl Answers {
    /// None yet about the public catalogue; none is kept before the line for changes is up.
    #[must_use]
    pub fn of_the_catalogue() -> Self {
        Self::new(Notice::Catalogue, "no-cache")
    }

    /// None yet about closed months, which only staff read.
    #[must_use]
    pub fn of_closed_months() -> Self {
        Self::new(Notice::Months, "no-store")
    }

    fn new(topic: Notice, cache_control: &'static str) -> Self {
        let answers = Cache::with_weighter(EXPECTED, CAPACITY, Weight);
        Self { topic, cache_control, answers, generation: AtomicU64::new(0), hearing: AtomicBool::new(false) }
    }

    /// Forgets everything as soon as the topic changes, in this process or another.
    pub fn forget_on_notice(self: &Arc<Self>, campus: &Campus) {
        let answers = Arc::clone(self);
        let mut notices = campus.notices.subscribe();
        tokio::spawn(async move {
            loop {
                match notices.recv().await {
                    Ok(notice) => answers.hear(&notice),
                    Err(RecvError::Lagged(_)) => answers.forget(),
                    Err(RecvError::Closed) => return,
                }
            }
        });
    }

    fn hear(&self, notice: &Notice) {
        match notice {
            Notice::Everything => {
                self.forget();
                self.hearing.store(true, Ordering::SeqCst);
            }
            Notice::Lost => {
                self.hearing.store(false, Ordering::SeqCst);
                self.forget();
            }
            notice if *notice == self.topic => self.forget(),
            _ => {}
        }
    }

    fn forget(&self) {
        self.generation.fetch_add(1, Ordering::SeqCst);
        // Only frees the memory: by their generation they do not count any more.
        self.answers.clear();
    }

    /// The generation that an answer read from now on belongs to; `None`: keep nothing.
    pub(crate) fn keeping(&self) -> Option<u64> {
        self.hearing.load(Ordering::SeqCst).then(|| self.generation.load(Ordering::SeqCst))
    }

    /// Keeps what was read under this generation.
    pub(crate) fn keep(&self, generation: u64, key: &str, body: Bytes) {
        if key.len() <= LONGEST_ADDRESS {
            self.answers.insert(key.into(), Arc::new(Kept::new(generation, self.cache_control, body)));
        }
    }

    /// The answer for an address, if it still counts.
    pub(super) fn find(&self, address: &str) -> Option<Arc<Kept>> {
        let generation = self.keeping()?;
        self.answers.get(address).filter(|kept| kept.generation == generation)
    }

    /// Answers a request: from memory where the same was asked before under another
    /// address, else with what `load` makes. `meaning` is the same for requests that ask
    /// for the same.
    ///
    /// # Errors
    /// Those of `load`.
    pub(crate) async fn answer(
        &self,
        request: &HttpRequest,
        meaning: &str,
        load: impl Future<Output = Result<Bytes, Problem>>,
    ) -> Answer {
        // Taken before reading: whatever changes later makes the answer one of the past.
        let generation = self.keeping();
        let kept = match self.find(meaning) {
            Some(kept) => kept,
            None => Arc::new(Kept::new(generation.unwrap_or(0), self.cache_control, load.await?)),
        };
        if generation.is_some() {
            self.answers.insert(meaning.into(), kept.clone());
            let address = address(request.uri());
            if address.len() <= LONGEST_ADDRESS {
                self.answers.insert(address.into(), kept.clone());
            }
        }
        Ok(kept.response(request.headers()).map_into_boxed_body())
    }
}

/// What an answer takes in memory, in bytes.
#[derive(Clone)]
struct Weight;

impl Weighter<Arc<str>, Arc<Kept>> for Weight {
    fn weight(&self, address: &Arc<str>, kept: &Arc<Kept>) -> u64 {
        u64::try_from(address.len() + kept.body.len() + 256).unwrap_or(u64::MAX)
    }
}

/// What an answer is found under.
pub(super) fn address(uri: &actix_web::http::Uri) -> &str {
    uri.path_and_query().map_or("", |address| address.as_str())
}

impl Kept {
    fn new(generation: u64, cache_control: &'static str, body: Bytes) -> Self {
        use std::fmt::Write;
        let mut tag = String::from("\"");
        for byte in Sha256::digest(&body).iter().take(16) {
            // Writing to a string does not fail.
            let _ = write!(tag, "{byte:02x}");
        }
        tag.push('"');
        let tag = HeaderValue::from_str(&tag).unwrap_or_else(|_| HeaderValue::from_static("\"\""));
        Self { generation, cache_control, body, tag }
    }

    /// The answer, or that the reader has it already.
    pub(super) fn response(&self, asked: &HeaderMap) -> HttpResponse<Bytes> {
        let known = asked.get(header::IF_NONE_MATCH).is_some_and(|tags| self.is_among(tags));
        let mut response = if known {
            HttpResponse::with_body(StatusCode::NOT_MODIFIED, Bytes::new())
        } else {
            HttpResponse::with_body(StatusCode::OK, self.body.clone())
        };
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(self.cache_control));
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        headers.insert(header::ETAG, self.tag.clone());
        response
    }

    fn is_among(&self, tags: &HeaderValue) -> bool {
        let (Ok(tags), Ok(own)) = (tags.to_str(), self.tag.to_str()) else { return false };
        tags.split(',').map(str::trim).any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == own)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    async fn ask(answers: &Answers, uri: &str, meaning: &str, body: &'static str) -> Bytes {
        let request = TestRequest::get().uri(uri).to_http_request();
        let load = async { Ok(Bytes::from_static(body.as_bytes())) };
        let response = answers.answer(&request, meaning, load).await.unwrap();
        actix_web::body::to_bytes(response.into_body()).await.unwrap()
    }

    #[actix_web::test]
    async fn an_answer_is_kept_until_the_catalogue_changes() {
        let answers = Answers::of_the_catalogue();
        answers.hear(&Notice::Everything);
        assert_eq!(ask(&answers, "/courses?q=a", "a", "one").await, "one");
        assert_eq!(ask(&answers, "/courses?q=a&x=1", "a", "two").await, "one", "the same meaning");
        assert_eq!(answers.find("/courses?q=a&x=1").unwrap().body, "one");
        answers.hear(&Notice::Account("x".to_owned()));
        assert!(answers.find("/courses?q=a").is_some());
        answers.hear(&Notice::Catalogue);
        assert!(answers.find("/courses?q=a").is_none());
        assert_eq!(ask(&answers, "/courses?q=a", "a", "three").await, "three");
    }

    #[actix_web::test]
    async fn nothing_is_kept_while_changes_cannot_be_heard_of() {
        let answers = Answers::of_the_catalogue();
        assert_eq!(ask(&answers, "/courses", "all", "one").await, "one");
        assert_eq!(ask(&answers, "/courses", "all", "two").await, "two", "before the line was up");
        answers.hear(&Notice::Everything);
        ask(&answers, "/courses", "all", "three").await;
        answers.hear(&Notice::Lost);
        assert!(answers.find("/courses").is_none());
        assert_eq!(ask(&answers, "/courses", "all", "four").await, "four");
        answers.hear(&Notice::Everything);
        assert_eq!(ask(&answers, "/courses", "all", "five").await, "five");
    }

    #[actix_web::test]
    async fn what_was_read_before_a_change_does_not_stay_after_it() {
        let answers = Answers::of_the_catalogue();
        answers.hear(&Notice::Everything);
        let request = TestRequest::get().uri("/courses").to_http_request();
        let load = async {
            // The change is heard of while the old state is on its way.
            answers.hear(&Notice::Catalogue);
            Ok(Bytes::from_static(b"old"))
        };
        answers.answer(&request, "all", load).await.unwrap();
        assert!(answers.find("/courses").is_none());
        assert!(answers.find("all").is_none());
        assert_eq!(ask(&answers, "/courses", "all", "new").await, "new");
    }

    #[actix_web::test]
    async fn who_has_it_already_gets_no_body() {
        let kept = Kept::new(1, "no-cache", Bytes::from_static(b"{}"));
        let tag = kept.tag.clone();
        let with = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::IF_NONE_MATCH, HeaderValue::from_str(value).unwrap());
            kept.response(&headers).status()
        };
        let tag = tag.to_str().unwrap();
        assert_eq!(with(tag), StatusCode::NOT_MODIFIED);
        assert_eq!(with(&format!("\"x\", W/{tag}")), StatusCode::NOT_MODIFIED);
        assert_eq!(with("\"x\""), StatusCode::OK);
        assert_eq!(kept.response(&HeaderMap::new()).status(), StatusCode::OK);
    }
}
