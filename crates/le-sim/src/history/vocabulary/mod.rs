//! What people write to brands, in several languages: templates with slots that the conversation fills.
//!
//! Slots: `{name}` consumer, `{agent}` agent, `{order}` order number, `{amount}` money, `{city}`, `{date}`, `{product}`,
//! `{minutes}`.

mod english;
mod french;
mod german;
mod japanese;
mod polish;
mod spanish;

use fastrand::Rng;

/// The languages, English first.
pub(super) static LANGUAGES: [Language; 6] = [
    english::ENGLISH,
    french::FRENCH,
    german::GERMAN,
    spanish::SPANISH,
    japanese::JAPANESE,
    polish::POLISH,
];

/// One language with the place its speakers write from.
#[derive(Debug)]
pub(super) struct Language {
    /// The tag in `info.language`.
    pub(super) tag: &'static str,
    pub(super) time_zone: &'static str,
    pub(super) country: &'static str,
    pub(super) country_code: &'static str,
    pub(super) currency: &'static str,
    pub(super) cities: &'static [&'static str],
    pub(super) given_names: &'static [&'static str],
    pub(super) family_names: &'static [&'static str],
    pub(super) products: &'static [&'static str],
    /// An agent's first words.
    pub(super) greetings: &'static [&'static str],
    /// A consumer's words between the topic's own.
    pub(super) fillers: &'static [&'static str],
    /// A consumer's thanks.
    pub(super) thanks: &'static [&'static str],
    /// An agent's last words.
    pub(super) closings: &'static [&'static str],
    /// What an agent writes into the summary.
    pub(super) summaries: &'static [&'static str],
    /// What consumers write into the free text of a survey.
    pub(super) opinions: &'static [&'static str],
    /// In the order of the account's first six skills.
    pub(super) topics: [Topic; 6],
}

/// What is said about one topic.
#[derive(Debug)]
pub(super) struct Topic {
    /// A consumer's first message.
    pub(super) openers: &'static [&'static str],
    /// An agent's answers.
    pub(super) replies: &'static [&'static str],
    /// A consumer's further messages.
    pub(super) follow_ups: &'static [&'static str],
}

/// What the classifier calls each topic.
pub(super) const TOPIC_LABELS: [&str; 6] = [
    "parcel late",
    "bill question",
    "roaming abroad",
    "return an article",
    "device does not work",
    "buy something",
];

/// What breaks careless clients: every JSON escape, separators, right-to-left text, joined emoji, combining marks.
pub(super) const AWKWARD: &[&str] = &[
    "He said \"it's on the way\" – is it?",
    "C:\\Users\\max\\invoice.pdf",
    "line one\nline two\r\n\tindented",
    "</script><!-- not markup -->",
    "\u{2028}paragraph\u{2029}",
    "👩‍👩‍👧‍👦 👍🏽 🇺🇳",
    "أين طردي من فضلك؟",
    "מתי יגיע המשלוח?",
    "Z\u{0351}a\u{0336}l\u{0322}go",
    "tab\there, bell\u{7}, null-like: null, undefined, NA",
    "{\"json\":[1,2,{\"in\":\"text\"}]}",
    "50 % off & <b>bold</b> 'quotes' `ticks` $1 %s {}",
    "ﷺ ½ ℡ Å ﬃ",
    "𝒲𝒽𝓎 𝓃ℴ𝓉? 𠮷野家",
];

/// The words that fill the slots of a template.
#[derive(Debug)]
pub(super) struct Slots<'a> {
    pub(super) consumer: &'a str,
    pub(super) agent: &'a str,
    pub(super) order: &'a str,
    pub(super) language: &'static Language,
}

impl Slots<'_> {
    /// Fills the slots of `template` and appends the text to `out`.
    pub(super) fn fill(&self, template: &str, random: &mut Rng, out: &mut String) {
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('{') {
            out.push_str(before);
            let (slot, after) = after.split_once('}').unwrap_or((after, ""));
            self.slot(slot, random, out);
            rest = after;
        }
        out.push_str(rest);
    }

    fn slot(&self, slot: &str, random: &mut Rng, out: &mut String) {
        use std::fmt::Write as _;
        let language = self.language;
        // Writing to a String cannot fail.
        let _ = match slot {
            "name" => write!(out, "{}", self.consumer),
            "agent" => write!(out, "{}", self.agent),
            "order" => write!(out, "{}", self.order),
            "amount" => write!(
                out,
                "{}.{:02} {}",
                random.u32(3..900),
                random.u32(..100),
                language.currency
            ),
            "city" => write!(out, "{}", pick(random, language.cities)),
            "date" => write!(out, "{:02}/{:02}", random.u32(1..29), random.u32(1..13)),
            "product" => write!(out, "{}", pick(random, language.products)),
            "minutes" => write!(out, "{}", random.u32(2..55)),
            other => write!(out, "{{{other}}}"),
        };
    }
}

/// One of several, by chance.
pub(super) fn pick<T: Copy>(random: &mut Rng, choices: &[T]) -> T {
    choices[random.usize(..choices.len())]
}
