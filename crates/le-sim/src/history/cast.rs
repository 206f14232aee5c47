//! Who takes part: the account's agents and skills as the history shows them, and the consumers.

use std::sync::Arc;

use fastrand::Rng;

use super::conversation::Text;
use super::vocabulary::{LANGUAGES, Language, TOPIC_LABELS};
use crate::account::{Account, UserType, fold_text, hexadecimal, mix, uuid};

/// An agent as the history names it.
#[derive(Debug)]
pub(super) struct AgentCard {
    pub(super) id: String,
    pub(super) pid: String,
    pub(super) login_name: String,
    pub(super) nickname: String,
    pub(super) full_name: String,
    pub(super) user_type: UserType,
    pub(super) group_id: i64,
    pub(super) group_name: String,
    /// The skills the agent takes conversations of.
    pub(super) skills: Vec<i64>,
    /// The user is no longer in the account.
    pub(super) deleted: bool,
}

/// A skill as the history names it.
#[derive(Debug)]
pub(super) struct SkillCard {
    pub(super) id: i64,
    pub(super) name: String,
}

/// Everyone that can appear in the history of one account.
#[derive(Debug)]
pub(super) struct Cast {
    pub(super) skills: Vec<Arc<SkillCard>>,
    /// Skill -1, "Unassigned".
    pub(super) unassigned: Arc<SkillCard>,
    pub(super) humans: Vec<Arc<AgentCard>>,
    /// At least one.
    pub(super) managers: Vec<Arc<AgentCard>>,
    pub(super) bots: Vec<Arc<AgentCard>>,
    pub(super) survey_bot: Arc<AgentCard>,
    /// LiveEngage itself.
    pub(super) system: Arc<AgentCard>,
    /// The ids of the intents, one for each topic of the vocabulary.
    pub(super) intents: Vec<String>,
    /// Mixed from the account id and the seed; everything about consumers comes from it.
    seed: u64,
}

impl Cast {
    pub(super) fn of(account: &Account, seed: u64) -> Self {
        let seed = mix(seed, fold_text(&account.id));
        let card = |user: &crate::account::User| {
            let group = account
                .agent_groups
                .iter()
                .find(|group| group.id == user.agent_group_id);
            Arc::new(AgentCard {
                id: user.user_id.clone(),
                pid: user.user_pid.clone(),
                login_name: user.login_name.clone(),
                nickname: user.nickname.clone(),
                full_name: user.full_name.clone(),
                user_type: user.user_type,
                group_id: user.agent_group_id,
                group_name: group.map_or_else(|| "Unassigned".to_owned(), |group| group.name.clone()),
                skills: user.skills.clone(),
                deleted: false,
            })
        };
        let of_type = |wanted| account.users.iter().filter(move |user| user.user_type == wanted);
        let mut humans: Vec<_> = of_type(UserType::Human).map(card).collect();
        let managers: Vec<_> = humans.drain(..2.min(humans.len())).collect();
        humans.extend(former_agents(seed));
        Self {
            skills: account
                .skills
                .iter()
                .map(|skill| {
                    Arc::new(SkillCard {
                        id: skill.id,
                        name: skill.name.clone(),
                    })
                })
                .collect(),
            unassigned: Arc::new(SkillCard {
                id: -1,
                name: "Unassigned".to_owned(),
            }),
            managers,
            humans,
            bots: of_type(UserType::Bot).map(card).collect(),
            survey_bot: built_in(seed, 1, "Post Survey Bot", UserType::Bot),
            system: built_in(seed, 2, "System", UserType::System),
            intents: intents(seed),
            seed,
        }
    }

    /// A human agent who takes conversations of the skill; now and then one who has left since.
    pub(super) fn agent_for(&self, skill: i64, random: &mut Rng) -> Arc<AgentCard> {
        let start = random.usize(..self.humans.len());
        let takes = |agent: &&Arc<AgentCard>| agent.deleted || agent.skills.contains(&skill);
        let turn = self.humans.iter().cycle().skip(start).take(self.humans.len());
        Arc::clone(turn.clone().find(takes).unwrap_or(&self.humans[start]))
    }

    /// The seed of the conversation with this number.
    pub(super) fn conversation_seed(&self, number: usize) -> u64 {
        mix(self.seed, 0xc0_4e00_0000_0000 | number as u64)
    }

    /// The consumer with this number; the same number is always the same consumer.
    pub(super) fn consumer(&self, number: u32) -> Consumer {
        Consumer::generate(mix(self.seed, 0xc0_0000_0000 | u64::from(number)))
    }
}

fn intents(seed: u64) -> Vec<String> {
    let mut random = Rng::with_seed(mix(seed, 0x1e7));
    TOPIC_LABELS.iter().map(|_| uuid(&mut random)).collect()
}

/// Agents who left the brand: their records stay in the history.
fn former_agents(seed: u64) -> impl Iterator<Item = Arc<AgentCard>> {
    let mut random = Rng::with_seed(mix(seed, 0xdead));
    ["Former One", "Former Two"].into_iter().map(move |name| {
        Arc::new(AgentCard {
            id: random.u64(800_000_000..800_900_000).to_string(),
            pid: uuid(&mut random),
            login_name: "undefined".to_owned(),
            nickname: "null".to_owned(),
            full_name: name.to_owned(),
            user_type: UserType::Human,
            group_id: -1,
            group_name: "Unassigned".to_owned(),
            skills: Vec::new(),
            deleted: true,
        })
    })
}

fn built_in(seed: u64, number: u64, name: &str, user_type: UserType) -> Arc<AgentCard> {
    let mut random = Rng::with_seed(mix(seed, 0xb01 + number));
    Arc::new(AgentCard {
        id: (700_000_000 + random.u64(0..900_000)).to_string(),
        pid: uuid(&mut random),
        login_name: name.to_lowercase().replace(' ', "."),
        nickname: name.to_owned(),
        full_name: name.to_owned(),
        user_type,
        group_id: -1,
        group_name: "NA".to_owned(),
        skills: Vec::new(),
        deleted: false,
    })
}

/// A consumer.
#[derive(Debug)]
pub(super) struct Consumer {
    pub(super) id: String,
    pub(super) given_name: Text,
    /// `None`: `"undefined"`, the consumer is not identified.
    pub(super) family_name: Option<Text>,
    pub(super) email: Option<String>,
    /// `None`: `"0"`.
    pub(super) phone: Option<String>,
    pub(super) avatar: Option<String>,
    pub(super) visitor_id: String,
    pub(super) language: &'static Language,
}

impl Consumer {
    /// The consumer after the personal data is overwritten by `marker`.
    pub(super) fn forgotten(&self, marker: &'static str) -> Self {
        Self {
            id: self.id.clone(),
            given_name: Text::Borrowed(marker),
            family_name: self.family_name.as_ref().map(|_| Text::Borrowed(marker)),
            email: self.email.as_ref().map(|_| marker.to_owned()),
            phone: self.phone.as_ref().map(|_| marker.to_owned()),
            avatar: None,
            visitor_id: self.visitor_id.clone(),
            language: self.language,
        }
    }

    fn generate(seed: u64) -> Self {
        let mut random = Rng::with_seed(seed);
        let language = language(&mut random);
        // Both id forms are on the wire: a uuid for web consumers, a long token for those an app authenticates.
        let id = if random.u8(..4) == 0 {
            hexadecimal(&mut random, 64)
        } else {
            uuid(&mut random)
        };
        let anonymous = random.u8(..10) < 3;
        let given = language.given_names[random.usize(..language.given_names.len())];
        let family = language.family_names[random.usize(..language.family_names.len())];
        let number = random.u32(10_000..99_999);
        Self {
            id,
            given_name: if anonymous {
                Text::Borrowed("Visitor")
            } else {
                Text::Borrowed(given)
            },
            family_name: (!anonymous).then_some(Text::Borrowed(family)),
            email: (!anonymous && random.bool()).then(|| format!("customer.{number}@example.org")),
            phone: (!anonymous && random.u8(..3) == 0).then(|| format!("+1555{:07}", random.u32(..10_000_000))),
            avatar: (random.u8(..12) == 0).then(|| format!("https://shop.example/avatars/{number}.png")),
            visitor_id: hexadecimal(&mut random, 22),
            language,
        }
    }
}

/// English most often, every language regularly.
fn language(random: &mut Rng) -> &'static Language {
    if random.u8(..10) < 3 {
        &LANGUAGES[0]
    } else {
        &LANGUAGES[random.usize(..LANGUAGES.len())]
    }
}
