//! What the parts of a record say agrees.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::{ALL_PARTS, COMPLETE, NOW, list, whole};

/// The end of the main dialog, or now.
fn end(record: &Value) -> i64 {
    record["info"]["conversationEndTimeL"].as_i64().unwrap_or(NOW)
}

/// The end with the survey, or now.
fn full_end(record: &Value) -> i64 {
    record["info"]["fullDialogEndTimeL"].as_i64().unwrap_or(NOW)
}

fn start(record: &Value) -> i64 {
    whole(&record["info"]["startTimeL"])
}

#[test]
fn ids_are_unique() {
    let conversations: HashSet<&str> = COMPLETE.iter().map(super::id).collect();
    assert_eq!(conversations.len(), COMPLETE.len());
    for record in COMPLETE.iter() {
        let messages = list(record, "messageRecords");
        let ids: HashSet<&str> = messages
            .iter()
            .map(|message| message["messageId"].as_str().unwrap())
            .collect();
        assert_eq!(ids.len(), messages.len());
    }
}

#[test]
fn time_texts_and_numbers_agree() {
    fn check(value: &Value) {
        match value {
            Value::Object(members) => {
                for (key, member) in members {
                    if let (Some(text), Some(number)) = (member.as_str(), members.get(&format!("{key}L"))) {
                        let number = number.as_i64().unwrap();
                        if number == -1 {
                            assert_eq!(text, "undefined");
                        } else {
                            let stamp: jiff::Timestamp = text.replace("+0000", "Z").parse().unwrap();
                            assert_eq!(stamp.as_millisecond(), number, "{key}: {text}");
                        }
                    }
                    check(member);
                }
            }
            Value::Array(entries) => entries.iter().for_each(check),
            _ => {}
        }
    }
    COMPLETE.iter().step_by(4).for_each(check);
}

#[test]
fn info_agrees_with_itself() {
    for record in COMPLETE.iter() {
        let info = &record["info"];
        let open = info["status"] == "OPEN";
        assert_eq!(whole(&info["duration"]), end(record) - start(record), "{info}");
        assert!(start(record) < end(record) && end(record) <= full_end(record) && full_end(record) <= NOW);
        assert_eq!(open, info.get("conversationEndTimeL").is_none());
        assert_eq!(open, info["closeReason"].is_null());
        assert!(!open || info["fullDialogStatus"] == "OPEN");
        if !open {
            let latest = info["fullDialogEndTimeL"].as_i64().unwrap_or_else(|| end(record));
            assert_eq!(whole(&info["endTimeL"]), latest, "the end moves with the survey");
        }
    }
}

#[test]
fn messages_are_in_order_and_inside_their_dialog() {
    for record in COMPLETE.iter() {
        let messages = list(record, "messageRecords");
        assert!(!messages.is_empty());
        let mut last: HashMap<&str, i64> = HashMap::new();
        let mut time = start(record);
        for message in messages {
            assert!(whole(&message["timeL"]) >= time, "messages go back in time");
            time = whole(&message["timeL"]);
            let dialog = message["dialogId"].as_str().unwrap();
            let seq = whole(&message["seq"]);
            assert!(
                last.insert(dialog, seq).is_none_or(|before| before < seq),
                "seq does not grow"
            );
            let owner = if dialog == "undefined" {
                format!("conv:{}", super::id(record))
            } else {
                format!("dialog:{dialog}")
            };
            assert_eq!(message["messageId"], format!("ms::{owner}::msg:{seq}"));
            match list(record, "dialogs").iter().find(|entry| entry["dialogId"] == dialog) {
                Some(entry) => {
                    let ended = entry["endTimeL"].as_i64().unwrap_or(NOW);
                    assert!((whole(&entry["startTimeL"])..=ended).contains(&time));
                }
                None => assert_eq!((dialog, list(record, "dialogs").len()), ("undefined", 0)),
            }
        }
    }
    let gaps = COMPLETE.iter().any(|record| {
        list(record, "messageRecords")
            .windows(2)
            .any(|pair| whole(&pair[1]["seq"]) > whole(&pair[0]["seq"]) + 1)
    });
    assert!(gaps, "sequence numbers have gaps");
}

#[test]
fn agents_speak_while_they_take_part() {
    for record in COMPLETE.iter() {
        let consumer = record["consumerParticipants"][0]["participantId"].as_str().unwrap();
        for message in list(record, "messageRecords") {
            let sender = message["participantId"].as_str().unwrap();
            if message["sentBy"] == "Consumer" {
                assert_eq!(sender, consumer);
                continue;
            }
            let time = whole(&message["timeL"]);
            let before = |part| {
                let entries = list(record, part).iter().filter(|entry| entry["agentId"] == sender);
                entries.filter(|entry| whole(&entry["timeL"]) <= time).count()
            };
            let left_before = list(record, "agentParticipantsLeave")
                .iter()
                .filter(|entry| entry["agentId"] == sender && whole(&entry["timeL"]) < time)
                .count();
            assert!(
                before("agentParticipants") > left_before,
                "{sender} speaks without taking part: {record}"
            );
        }
    }
}

#[test]
fn every_leave_follows_a_join_and_active_ones_have_not_left() {
    for record in COMPLETE.iter() {
        let joins = list(record, "agentParticipants");
        let leaves = list(record, "agentParticipantsLeave");
        for leave in leaves {
            let joined = |join: &&Value| {
                join["agentId"] == leave["agentId"]
                    && join["permission"] == leave["permission"]
                    && whole(&join["timeL"]) <= whole(&leave["timeL"])
            };
            assert!(joins.iter().any(|join| joined(&join)), "{leave}");
        }
        let active = list(record, "agentParticipantsActive");
        assert!(active.is_empty() || record["info"]["status"] == "OPEN");
        for agent in active {
            let left = |leave: &&Value| {
                leave["agentId"] == agent["agentId"] && whole(&leave["timeL"]) >= whole(&agent["timeL"])
            };
            assert!(joins.contains(agent) && !leaves.iter().any(|leave| left(&leave)));
        }
        for entry in joins.iter().chain(leaves) {
            assert!((start(record)..=full_end(record)).contains(&whole(&entry["timeL"])));
            let name = match entry["userType"].as_str().unwrap() {
                "0" => "System",
                "1" => "Human",
                _ => "Bot",
            };
            assert_eq!(entry["userTypeName"], name);
        }
    }
}

#[test]
fn interactions_are_the_stints_of_assigned_agents() {
    for record in COMPLETE.iter() {
        let interactions = list(record, "interactions");
        let assigned: Vec<(&Value, i64)> = list(record, "agentParticipants")
            .iter()
            .filter(|join| join["permission"] == "ASSIGNED_AGENT")
            .map(|join| (&join["agentId"], whole(&join["timeL"])))
            .collect();
        let stints: Vec<(&Value, i64)> = interactions
            .iter()
            .map(|entry| (&entry["assignedAgentId"], whole(&entry["interactionTimeL"])))
            .collect();
        assert_eq!(stints, assigned);
        for (place, entry) in interactions.iter().enumerate() {
            assert_eq!(entry["interactiveSequence"], place + 1);
        }
        match assigned.last() {
            Some((agent, _)) => assert_eq!(&&record["info"]["latestAgentId"], agent),
            None => assert_eq!(record["info"]["latestAgentId"], "NA"),
        }
    }
}

#[test]
fn transfers_lead_from_skill_to_skill_and_to_the_agents_who_join() {
    let mut reasons = HashSet::new();
    for record in COMPLETE.iter() {
        let transfers = list(record, "transfers");
        for pair in transfers.windows(2) {
            assert_eq!(pair[0]["targetSkillId"], pair[1]["sourceSkillId"]);
            assert!(whole(&pair[0]["timeL"]) < whole(&pair[1]["timeL"]));
        }
        if let Some(last) = transfers.last() {
            assert_eq!(last["targetSkillId"], record["info"]["latestSkillId"]);
            assert_eq!(last["targetSkillName"], record["info"]["latestSkillName"]);
        }
        let joins = list(record, "agentParticipants");
        for transfer in transfers {
            let time = whole(&transfer["timeL"]);
            reasons.insert(transfer["reason"].as_str().unwrap());
            let joined = |agent: &Value, after: bool| {
                let when = |join: &&Value| (whole(&join["timeL"]) >= time) == after;
                joins
                    .iter()
                    .filter(when)
                    .any(|join| join["agentId"] == *agent && join["permission"] == "ASSIGNED_AGENT")
            };
            assert!(
                joined(&transfer["sourceAgentId"], false),
                "the source agent was assigned before: {transfer}"
            );
            if transfer["assignedAgentId"] != "null" {
                assert!(
                    joined(&transfer["assignedAgentId"], true),
                    "the target agent is assigned after: {transfer}"
                );
            }
            assert!((start(record)..=end(record)).contains(&time));
        }
    }
    assert_eq!(
        reasons,
        HashSet::from(["Skill", "back2Q", "Agent", "SuggestedAgentTimeout", "TakeOver"])
    );
}

#[test]
fn statuses_and_scores_refer_to_messages() {
    for record in COMPLETE.iter() {
        let messages: HashMap<&str, &Value> = list(record, "messageRecords")
            .iter()
            .map(|message| (message["messageId"].as_str().unwrap(), message))
            .collect();
        for status in list(record, "messageStatuses") {
            let message = messages[status["messageId"].as_str().unwrap()];
            assert_eq!(status["seq"], message["seq"]);
            assert!(whole(&status["timeL"]) > whole(&message["timeL"]));
            assert!(whole(&status["timeL"]) <= end(record));
            assert_ne!(
                status["participantId"], message["participantId"],
                "nobody reports about an own message"
            );
            assert_ne!(status["participantType"], message["sentBy"]);
        }
        let scores = list(record, "messageScores");
        for score in scores {
            let message = messages[score["messageId"].as_str().unwrap()];
            assert_eq!(message["sentBy"], "Consumer");
            assert!((whole(&message["timeL"])..=end(record)).contains(&whole(&score["timeL"])));
            assert!((0..=100).contains(&whole(&score["mcs"])));
        }
        assert_eq!(scores.last().map(|score| &score["mcs"]), record["info"].get("mcs"));
        let alerted = record["info"]["mcs"]
            .as_i64()
            .map(|mcs| if mcs < 40 { -1 } else { i64::from(mcs > 70) });
        assert_eq!(record["info"].get("alertedMCS").and_then(Value::as_i64), alerted);
    }
}

#[test]
fn surveys_agree_with_dialogs_and_with_the_rating() {
    let mut surveyed = 0;
    for record in COMPLETE.iter() {
        let dialogs = list(record, "dialogs");
        let survey_dialogs: Vec<&Value> = dialogs
            .iter()
            .filter(|dialog| dialog["dialogType"] == "POST_SURVEY")
            .map(|dialog| &dialog["dialogId"])
            .collect();
        let surveys = list(record, "conversationSurveys");
        let by_bot: Vec<&Value> = surveys.iter().filter_map(|survey| survey.get("dialogId")).collect();
        assert_eq!(survey_dialogs, by_bot);
        surveyed += by_bot.len();
        let rating = surveys
            .iter()
            .flat_map(|survey| list(survey, "surveyData"))
            .find(|answer| answer["question"].as_str().unwrap().contains("(1-5)") && answer["isValidAnswer"] != false);
        let rating = rating.map(|answer| answer["answer"].as_str().unwrap().parse::<i64>().unwrap());
        assert_eq!(record["info"]["csatRate"].as_i64(), rating);
        if let Some(main) = dialogs.first() {
            assert_eq!(main["dialogType"], "MAIN");
            assert_eq!(main["dialogId"], record["info"]["conversationId"]);
            assert_eq!(main["startTimeL"], record["info"]["startTimeL"]);
            assert_eq!(main.get("endTimeL"), record["info"].get("conversationEndTimeL"));
        }
        if let Some(last) = dialogs.last() {
            assert_eq!(last.get("endTimeL"), record["info"].get("fullDialogEndTimeL"));
        }
    }
    assert!(surveyed > COMPLETE.len() / 10);
}

#[test]
fn the_first_conversation_of_a_consumer_is_marked() {
    let mut seen = HashSet::new();
    let mut repeated = 0;
    for record in COMPLETE.iter() {
        let consumer = record["consumerParticipants"][0]["participantId"].as_str().unwrap();
        let first = seen.insert(consumer);
        assert_eq!(
            record["info"]["firstConversation"], first,
            "records are in the order of their start"
        );
        repeated += usize::from(!first);
    }
    assert!(
        repeated > COMPLETE.len() / 5,
        "{repeated} conversations of known consumers"
    );
}

#[test]
fn intents_summaries_and_agent_surveys_agree_with_the_rest() {
    for record in COMPLETE.iter() {
        let intents = list(record, "intents");
        let first = intents
            .first()
            .map(|intent| &intent["selectedClassification"]["intentName"]);
        assert_eq!(record["info"].get("firstIntentName"), first);
        for intent in intents {
            let selected = &intent["selectedClassification"];
            assert!(list(intent, "allClassifications").contains(selected));
            let unique = |entry: &Value| entry["intentName"] == selected["intentName"];
            assert_eq!(
                list(record, "uniqueIntents")
                    .iter()
                    .filter(|entry| unique(entry))
                    .count(),
                1
            );
            let known = |message: &&Value| message["messageId"] == intent["messageId"];
            assert!(list(record, "messageRecords").iter().any(|message| known(&message)));
        }
        let pending = record["latestAgentSurvey"]["surveyStatus"] == "OPEN";
        assert_eq!(record["info"]["pendingAgentSurvey"], pending);
        if let Some(updated) = record["summary"]["lastUpdatedTime"].as_i64() {
            assert!((start(record)..=NOW).contains(&updated));
        }
        for session in record["coBrowseSessions"]["coBrowseSessionsList"].as_array().unwrap() {
            let (from, to) = (whole(&session["startTimeL"]), whole(&session["endTimeL"]));
            assert!(start(record) < from && from < to && to <= end(record));
            assert_eq!(whole(&session["duration"]), to - from);
        }
    }
}

#[test]
fn json_inside_text_is_json() {
    let mut found = [0; 4];
    for record in COMPLETE.iter() {
        let texts = list(record, "messageRecords").iter().flat_map(|message| {
            let data = &message["messageData"];
            let raw = &message["contextData"]["rawMetadata"];
            [
                (0, &data["richContent"]["content"]),
                (1, &data["quickReplies"]["content"]),
                (2, raw),
            ]
        });
        for (kind, text) in texts.chain([(3, &record["summary"]["text"])]) {
            let Some(text) = text.as_str().filter(|text| kind < 3 || text.starts_with("[{")) else {
                continue;
            };
            serde_json::from_str::<Value>(text).unwrap_or_else(|error| panic!("{error}: {text}"));
            found[kind] += 1;
        }
    }
    assert!(found.iter().all(|count| *count > 0), "{found:?}");
}

#[test]
fn every_part_occurs() {
    for part in ALL_PARTS {
        let filled = COMPLETE.iter().any(|record| match &record[part] {
            Value::Array(entries) => !entries.is_empty(),
            Value::Object(members) => !members.is_empty(),
            _ => false,
        });
        assert!(filled, "no record has {part}");
    }
}
