//! Makes an account from a seed.

use fastrand::Rng;

use super::identifier::{fold_text, hexadecimal, mix, uuid};
use super::names::{BOTS, GROUPS, PEOPLE, SKILLS};
use crate::{campaign, messaging};

use super::{Account, AgentGroup, ApiKey, AppInstallation, CONVERSATION_HISTORY_PRIVILEGE, Skill, User, UserType};

/// The group of the bots, by its place in [`GROUPS`].
const BOT_GROUP: usize = 3;

pub(super) fn account(id: &str, seed: u64) -> Account {
    let mut random = Rng::with_seed(mix(seed, fold_text(id)));
    let skills = skills(&mut random);
    let agent_groups = agent_groups(&mut random);
    let api_keys = api_keys(&mut random);
    let users = users(&mut random, &skills, &agent_groups, &api_keys[0].app_key);
    // What came later draws from a source of its own, so that users and keys stay what they were.
    let mut random = Rng::with_seed(mix(seed, fold_text(id) ^ 0x5317));
    let app_installations = app_installations(&mut random);
    let campaigns = campaign::standard(
        random.i64(3_100_000..3_900_000) * 100,
        &skills,
        messaging::brand_connector(id),
    );
    Account {
        id: id.to_owned(),
        users,
        skills,
        agent_groups,
        api_keys,
        app_installations,
        campaigns,
    }
}

fn app_installations(random: &mut Rng) -> Vec<AppInstallation> {
    ["Shop app", "Shop backend"]
        .map(|name| AppInstallation {
            id: uuid(random),
            name: name.to_owned(),
        })
        .to_vec()
}

fn skills(random: &mut Rng) -> Vec<Skill> {
    let first = random.i64(700_000_000..700_900_000);
    SKILLS
        .iter()
        .enumerate()
        .map(|(place, name)| {
            // Ids of newer accounts pass 2^31; a client that keeps them in 32 bits must notice.
            let jump = if place == 5 { 3_000_000_000 } else { 0 };
            Skill {
                id: first + 100 * place as i64 + jump,
                name: (*name).to_owned(),
            }
        })
        .collect()
}

fn agent_groups(random: &mut Rng) -> Vec<AgentGroup> {
    let first = random.i64(50..500);
    let root = AgentGroup {
        id: -1,
        name: "Main Group".to_owned(),
    };
    let below = GROUPS.iter().enumerate().map(|(place, name)| AgentGroup {
        id: first + place as i64,
        name: (*name).to_owned(),
    });
    std::iter::once(root).chain(below).collect()
}

fn api_keys(random: &mut Rng) -> Vec<ApiKey> {
    let mut key = |privileges: &[&str]| ApiKey {
        app_key: hexadecimal(random, 32),
        secret: hexadecimal(random, 16),
        access_token: hexadecimal(random, 32),
        access_token_secret: hexadecimal(random, 16),
        privileges: privileges.iter().map(|privilege| (*privilege).to_owned()).collect(),
    };
    vec![
        key(&[
            CONVERSATION_HISTORY_PRIVILEGE,
            "Engagement History",
            "Operational Real-time",
            "Agent Activity API",
            "Data Access",
            "Users",
            "Skills",
            "User Login",
            "Engagement Attributes",
            "Visit Information",
            "Validate Engagement",
            "IVR Engagement",
        ]),
        key(&["Users", "Skills", "Operational Real-time"]),
    ]
}

fn users(random: &mut Rng, skills: &[Skill], groups: &[AgentGroup], app_key: &str) -> Vec<User> {
    let mut next_id = random.u64(900_100_000..900_900_000);
    let mut user = |login_name: String, full_name: String, nickname: String, user_type: UserType| {
        next_id += random.u64(3..40) * 2;
        User {
            login_name,
            password: password(random),
            user_id: next_id.to_string(),
            user_pid: uuid(random),
            full_name,
            nickname,
            user_type,
            skills: some_skills(random, skills),
            enabled: true,
            agent_group_id: groups[random.usize(1..BOT_GROUP + 1)].id,
            privileges: privileges(random, user_type),
            app_key: None,
        }
    };
    let mut users = vec![user(
        "admin@shop.example".into(),
        "Avery Admin".into(),
        "Avery".into(),
        UserType::Human,
    )];
    for (given, family) in PEOPLE {
        users.push(user(
            login_name(given, family),
            format!("{given} {family}"),
            (*given).to_owned(),
            UserType::Human,
        ));
    }
    for (login, full_name, nickname) in BOTS {
        users.push(user(
            (*login).into(),
            (*full_name).into(),
            (*nickname).into(),
            UserType::Bot,
        ));
    }
    finish(&mut users, skills, groups, app_key);
    users
}

/// Bot users beyond those that each account has: `fleet-001@shop.example` and so on, who take conversations of every skill.
pub(super) fn further_bots(account: &mut Account, seed: u64, count: usize) {
    let mut random = Rng::with_seed(mix(seed, fold_text(&account.id) ^ 0xb075));
    let group = account.agent_groups.get(BOT_GROUP + 1).map_or(-1, |group| group.id);
    let skills: Vec<i64> = account.skills.iter().map(|skill| skill.id).collect();
    for number in 1..=count {
        account.users.push(User {
            login_name: format!("fleet-{number:03}@shop.example"),
            password: password(&mut random),
            user_id: (950_000_000 + number).to_string(),
            user_pid: uuid(&mut random),
            full_name: format!("Fleet {number:03}"),
            nickname: format!("Fleet {number:03}"),
            user_type: UserType::Bot,
            skills: skills.clone(),
            enabled: true,
            agent_group_id: group,
            privileges: privileges(&mut random, UserType::Bot),
            app_key: None,
        });
    }
}

/// What sets single users apart: the administrator, the bots, the one that may not log in any more.
fn finish(users: &mut [User], skills: &[Skill], groups: &[AgentGroup], app_key: &str) {
    if let Some(admin) = users.first_mut() {
        admin.skills = skills.iter().map(|skill| skill.id).collect();
        admin.agent_group_id = -1;
        admin.privileges = (1..=220).map(|step| step * 9 + 1).collect();
    }
    for (place, bot) in users
        .iter_mut()
        .filter(|user| user.user_type == UserType::Bot)
        .enumerate()
    {
        bot.agent_group_id = groups[BOT_GROUP + 1].id;
        bot.skills = match place {
            0 => Vec::new(),
            1 => vec![skills[0].id, skills[3].id],
            _ => vec![skills[1].id, skills[2].id],
        };
        if place == 0 {
            bot.app_key = Some(app_key.to_owned());
        }
    }
    if let Some(left) = users.iter_mut().rfind(|user| user.user_type == UserType::Human) {
        left.enabled = false;
    }
}

/// A login name in plain ASCII: brands use e-mail addresses, and the wire keeps them as they are.
fn login_name(given: &str, family: &str) -> String {
    let plain = |text: &str| {
        text.to_lowercase()
            .chars()
            .filter_map(ascii_letter)
            .filter(char::is_ascii_alphabetic)
            .collect::<String>()
    };
    format!("{}.{}@shop.example", plain(given), plain(family))
}

fn ascii_letter(letter: char) -> Option<char> {
    Some(match letter {
        'á' | 'à' | 'â' => 'a',
        'é' | 'è' | 'ë' => 'e',
        'í' => 'i',
        'ó' | 'ö' | 'ø' => 'o',
        'ú' | 'ü' => 'u',
        'ñ' => 'n',
        'ß' => 's',
        'ł' => 'l',
        other if other.is_ascii() => other,
        _ => return None,
    })
}

/// A password that passes the usual rules: both cases, a digit, a sign.
fn password(random: &mut Rng) -> String {
    let mut text: String = (0..14).map(|_| random.alphanumeric()).collect();
    text.push(char::from(b"!#%+-_"[random.usize(..6)]));
    text.push(random.digit(10));
    text.push(random.lowercase());
    text.push(random.uppercase());
    text
}

fn some_skills(random: &mut Rng, skills: &[Skill]) -> Vec<i64> {
    let wanted = random.usize(2..=4);
    let mut ids: Vec<i64> = random
        .choose_multiple(skills.iter(), wanted)
        .into_iter()
        .map(|skill| skill.id)
        .collect();
    ids.sort_unstable();
    ids
}

fn privileges(random: &mut Rng, user_type: UserType) -> Vec<i64> {
    let count = if user_type == UserType::Bot { 40 } else { 120 };
    let mut last = 0;
    std::iter::repeat_with(|| {
        last += random.i64(1..14);
        last
    })
    .take(count)
    .collect()
}
