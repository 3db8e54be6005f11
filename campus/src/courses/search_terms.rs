//! What a course is found by, and what somebody looks for, cut into terms that an index holds.
//!
//! Chinese is written without spaces, so any sign, any two and any three that stand together are a term: whatever
//! is looked for is found inside longer words. Threes are there because pairs alone say too little: a phrase has
//! its pairs in many a long transcript that has it nowhere. Latin letters, and with them pinyin, are cut into
//! threes only.

use std::collections::BTreeSet;

use pinyin::ToPinyin;

use crate::residents::identity::plain_text;

/// How many signs make the longest term, and how many Latin letters every term.
const LONGEST: usize = 3;

/// One form for everything that is compared: full-width signs plain, capitals small, spaces single.
pub(super) fn normalised(text: &str) -> String {
    let plain = plain_text(text).to_lowercase();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// How a text is read, in pinyin: `地震 wifi` gives `dizhenwifi dzwifi`, in full and by the initials.
/// Each word that the text has stands alone, so that nothing is found across two of them.
pub(super) fn readings(text: &str) -> String {
    let mut readings = Vec::new();
    for word in normalised(text).split(|sign: char| !sign.is_alphanumeric()).filter(|word| !word.is_empty()) {
        let (mut full, mut initials) = (String::new(), String::new());
        for sign in word.chars() {
            match sign.to_pinyin() {
                Some(reading) => {
                    // As it is typed: nü is nv on every keyboard.
                    full.push_str(&reading.plain().replace('ü', "v"));
                    initials.extend(reading.plain().chars().next());
                }
                None if sign.is_ascii() => {
                    full.push(sign);
                    initials.push(sign);
                }
                None => {}
            }
        }
        // A word without Chinese signs is read as it is written.
        if !word.is_ascii() {
            readings.extend([full, initials]);
        }
    }
    readings.join(" ")
}

/// The terms of a text that is to be found.
pub(super) fn terms(texts: &[&str]) -> Vec<String> {
    let mut terms = BTreeSet::new();
    for text in texts {
        for word in text.split_whitespace() {
            for run in runs(word) {
                match run.as_slice() {
                    [sign] => {
                        terms.insert(sign.to_string());
                    }
                    signs => {
                        terms.extend(signs.windows(2).filter(|pair| !is_latin(pair)).map(String::from_iter));
                        terms.extend(signs.windows(LONGEST).map(String::from_iter));
                        terms.extend(signs.iter().filter(|sign| !sign.is_ascii()).map(char::to_string));
                    }
                }
            }
        }
    }
    terms.into_iter().collect()
}

/// Signs that stand together: a word without what separates within it.
fn runs(word: &str) -> Vec<Vec<char>> {
    let parts = word.split(|sign: char| !sign.is_alphanumeric());
    parts.filter(|part| !part.is_empty()).map(|part| part.chars().collect()).collect()
}

fn is_latin(signs: &[char]) -> bool {
    signs.iter().all(char::is_ascii)
}

/// A word that is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wanted {
    /// As it is written.
    pub(super) word: String,
    /// Whether a text that has its terms has the word: where its one term is the word, it has. A word
    /// without terms is not looked for in what is said, which is long (`Some(false)`); of every
    /// other the text tells.
    pub(super) is_said: Option<bool>,
}

/// The words that are looked for, all of which must be found, and the terms they have. A word too
/// short for a term has none, and is looked for everywhere.
pub(super) fn wanted(text: &str) -> (Vec<Wanted>, Vec<String>) {
    let mut wanted: Vec<Wanted> = Vec::new();
    let mut terms = BTreeSet::new();
    for word in normalised(text).split(' ').filter(|word| !word.is_empty()) {
        let own: Vec<String> = runs(word).iter().flat_map(|run| wanted_terms(run)).collect();
        let is_said = match own.first() {
            None => Some(false),
            // Latin letters may be a reading.
            Some(term) if term == word && !word.is_ascii() => Some(true),
            Some(_) => None,
        };
        if wanted.iter().all(|known| known.word != word) {
            wanted.push(Wanted { word: word.to_owned(), is_said });
        }
        terms.extend(own);
    }
    (wanted, terms.into_iter().collect())
}

fn wanted_terms(run: &[char]) -> Vec<String> {
    match run {
        [sign] if !sign.is_ascii() => vec![sign.to_string()],
        pair @ [_, _] if !is_latin(pair) => vec![String::from_iter(pair)],
        signs => signs.windows(LONGEST).map(String::from_iter).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chinese_is_read_in_full_and_by_initials() {
        assert_eq!(readings("防震减灾"), "fangzhenjianzai fzjz");
        assert_eq!(readings("安全上网 WiFi（第 1 课）"), "anquanshangwang aqsw di d ke k");
        assert_eq!(readings("WiFi"), "");
    }

    #[test]
    fn whatever_is_looked_for_has_terms_that_the_text_has() {
        let text = normalised("抗地震演练：ＷｉＦｉ，第１课 a b中c");
        let held = terms(&[&text, &readings(&text)]);
        for word in ["地震", "震", "抗地震演", "wifi", "ifi", "第1", "dizhen", "kdzyl", "中c", "中", "地震 wifi"]
        {
            let (_, looked_for) = wanted(word);
            assert!(looked_for.iter().all(|term| held.contains(term)), "{word}: {looked_for:?}");
        }
        let (_, looked_for) = wanted("震地");
        assert_eq!(looked_for.iter().filter(|term| held.contains(term)).count(), 0);
    }

    #[test]
    fn up_to_three_signs_need_no_second_look() {
        let said = |text: &str| wanted(text).0.into_iter().map(|each| (each.word, each.is_said)).collect::<Vec<_>>();
        assert_eq!(said("地震"), [("地震".to_owned(), Some(true))]);
        assert_eq!(said(" 地震，演练 地震 地震 "), [("地震,演练".to_owned(), None), ("地震".to_owned(), Some(true))]);
        assert_eq!(said("地震演"), [("地震演".to_owned(), Some(true))]);
        assert_eq!(said("地震演练"), [("地震演练".to_owned(), None)]);
        assert_eq!(wanted("地震演练").1, ["地震演", "震演练"]);
        assert_eq!(said("ai %"), [("ai".to_owned(), Some(false)), ("%".to_owned(), Some(false))]);
        assert_eq!(said("wif"), [("wif".to_owned(), None)]);
        assert_eq!(wanted("ai").1, Vec::<String>::new());
        assert_eq!(wanted("  "), (Vec::new(), Vec::new()));
    }
}
