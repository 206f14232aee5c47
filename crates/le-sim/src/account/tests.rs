use std::collections::HashSet;

use super::{Account, UserType};

#[test]
fn the_same_id_and_seed_give_the_same_account() {
    let text =
        |account: &Account| serde_json::to_string(&(&account.users, &account.skills, &account.api_keys)).unwrap();
    let first = Account::generate("70011223", 7);
    assert_eq!(text(&first), text(&Account::generate("70011223", 7)));
    assert_ne!(text(&first), text(&Account::generate("70011223", 8)));
    assert_ne!(text(&first), text(&Account::generate("70011224", 7)));
}

#[test]
fn the_account_has_the_users_that_tests_need() {
    let account = Account::generate("70011223", 7);
    let humans = account
        .users
        .iter()
        .filter(|user| user.user_type == UserType::Human)
        .count();
    let bots: Vec<_> = account
        .users
        .iter()
        .filter(|user| user.user_type == UserType::Bot)
        .collect();
    assert!(humans >= 21, "{humans} humans");
    assert!(bots.len() >= 3);
    assert_eq!(bots.iter().filter(|bot| bot.app_key.is_some()).count(), 1);
    let linked = bots.iter().find_map(|bot| bot.app_key.as_deref()).unwrap();
    assert!(
        account.api_key(linked).is_some(),
        "the bot's application key is one of the account's keys"
    );
    assert_eq!(account.users.iter().filter(|user| !user.enabled).count(), 1);
    assert!(account.user("ADMIN@shop.example").is_some());
}

#[test]
fn ids_names_and_keys_are_unique_and_well_formed() {
    let account = Account::generate("70011223", 99);
    let unique = |values: Vec<&str>| values.len() == values.iter().collect::<HashSet<_>>().len();
    assert!(unique(
        account.users.iter().map(|user| user.login_name.as_str()).collect()
    ));
    assert!(unique(account.users.iter().map(|user| user.user_id.as_str()).collect()));
    assert!(unique(
        account.users.iter().map(|user| user.user_pid.as_str()).collect()
    ));
    for user in &account.users {
        assert!(user.login_name.is_ascii(), "{}", user.login_name);
        assert!(user.user_id.parse::<u64>().is_ok());
        assert_eq!(user.user_pid.len(), 36);
        assert_eq!(user.user_pid.as_bytes()[14], b'4', "version 4: {}", user.user_pid);
        assert!(
            user.skills
                .iter()
                .all(|id| account.skills.iter().any(|skill| skill.id == *id))
        );
        assert!(account.agent_groups.iter().any(|group| group.id == user.agent_group_id));
    }
    assert!(account.skills.iter().any(|skill| skill.id > i64::from(i32::MAX)));
}

#[test]
fn one_key_reads_the_history_and_one_does_not() {
    let account = Account::generate("70011223", 7);
    let readers: Vec<bool> = account
        .api_keys
        .iter()
        .map(super::ApiKey::reads_conversation_history)
        .collect();
    assert_eq!(readers, [true, false]);
}

#[test]
fn debug_output_shows_no_secret() {
    let account = Account::generate("70011223", 7);
    let shown = format!("{account:?}");
    for user in &account.users {
        assert!(!shown.contains(&user.password));
    }
    for key in &account.api_keys {
        assert!(!shown.contains(&key.secret) && !shown.contains(&key.access_token_secret));
        assert!(!shown.contains(&key.access_token));
    }
}
