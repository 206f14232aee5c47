//! Each filter against an oracle that reads the same from the parsed records, in its own words.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::{COMPLETE, NOW, SHARED, bytes, id, list, pages, whole};
use crate::history::{DAY, HOUR, HistoryKind, MINUTE};

const STEP: i64 = 10 * MINUTE;

/// The window of all filter tests: 90 days before now.
fn start() -> Value {
    json!({"from": NOW - 90 * DAY, "to": NOW})
}

fn in_window() -> impl Iterator<Item = &'static Value> {
    let from = (NOW - 90 * DAY) / STEP * STEP;
    COMPLETE
        .iter()
        .filter(move |record| whole(&record["info"]["startTimeL"]) >= from)
}

/// What a search with these members of the body finds.
fn found(filter: &Value) -> HashSet<String> {
    let mut body = json!({"start": start(), "contentToRetrieve": []});
    for (key, value) in filter.as_object().unwrap() {
        body[key] = value.clone();
    }
    pages(&SHARED, "v=2&sort=start:asc", &body)
        .iter()
        .map(|record| id(record).to_owned())
        .collect()
}

/// The search finds what the oracle says, which is something and not everything.
fn check(filter: Value, oracle: impl Fn(&Value) -> bool) {
    let expected: HashSet<String> = in_window()
        .filter(|record| oracle(record))
        .map(|record| id(record).to_owned())
        .collect();
    assert!(!expected.is_empty(), "{filter}: nothing to find");
    assert!(expected.len() < in_window().count(), "{filter}: everything matches");
    let found = found(&filter);
    let missing: Vec<_> = expected.difference(&found).take(3).collect();
    let extra: Vec<_> = found.difference(&expected).take(3).collect();
    assert!(
        missing.is_empty() && extra.is_empty(),
        "{filter}: missing {missing:?}, extra {extra:?}"
    );
}

/// The value of a member of `info` that occurs often in the window.
fn common(key: &str) -> Value {
    let mut values: Vec<(usize, &Value)> = Vec::new();
    for record in in_window() {
        let value = &record["info"][key];
        match values.iter_mut().find(|(_, known)| *known == value) {
            Some((count, _)) => *count += 1,
            None => values.push((1, value)),
        }
    }
    values.into_iter().max_by_key(|(count, _)| *count).unwrap().1.clone()
}

fn words(text: &str) -> Vec<String> {
    text.to_lowercase()
        .split(|letter: char| !letter.is_alphanumeric())
        .map(str::to_owned)
        .collect()
}

fn has_word(text: &Value, word: &str) -> bool {
    text.as_str()
        .is_some_and(|text| words(text).iter().any(|found| found == word))
}

fn answers(record: &Value) -> impl Iterator<Item = &Value> {
    list(record, "conversationSurveys")
        .iter()
        .flat_map(|survey| list(survey, "surveyData"))
}

#[test]
fn by_status() {
    check(json!({"status": ["OPEN"]}), |record| record["info"]["status"] == "OPEN");
    check(json!({"status": "CLOSE"}), |record| record["info"]["status"] == "CLOSE");
    check(json!({"status": ["OVERDUE"]}), |record| {
        (0..NOW).contains(&whole(&record["responseTime"]["latestEffectiveResponseDueTime"]))
    });
    assert!(found(&json!({"status": ["UNKNOWN"]})).is_empty());
}

#[test]
fn by_end() {
    let (from, to) = (NOW - 40 * DAY, NOW - 20 * DAY);
    let window = from / STEP * STEP..=to / STEP * STEP + STEP;
    let within = |key: &'static str| {
        let window = window.clone();
        move |record: &Value| record["info"][key].as_i64().is_some_and(|end| window.contains(&end))
    };
    check(json!({"end": {"from": from, "to": to}}), within("endTimeL"));
    check(
        json!({"fullDialogEndTime": {"from": from.to_string(), "to": to}}),
        within("fullDialogEndTimeL"),
    );
}

#[test]
fn bounds_are_widened_to_ten_minutes() {
    let mut starts: Vec<i64> = COMPLETE
        .iter()
        .map(|record| whole(&record["info"]["startTimeL"]))
        .collect();
    starts.dedup();
    let count = |from: i64, to: i64| {
        let body = json!({"start": {"from": from, "to": to}, "contentToRetrieve": []});
        pages(&SHARED, "v=2", &body).len()
    };
    for start in starts.into_iter().step_by(97).filter(|start| start % STEP > 2 * MINUTE) {
        let (floor, ceiling) = (start / STEP * STEP, start / STEP * STEP + STEP);
        let expected = COMPLETE
            .iter()
            .filter(|record| (floor..=ceiling).contains(&whole(&record["info"]["startTimeL"])))
            .count();
        assert!(expected >= 1);
        assert_eq!(
            count(floor + 1, floor + 2),
            expected,
            "both bounds lie before the start and are widened around it"
        );
        assert_eq!(count(ceiling - 1, ceiling - 1), expected);
        assert_eq!(count(floor, ceiling), expected);
    }
}

#[test]
fn by_latest_update() {
    let after = |from: i64| found(&json!({"latestUpdateTime": {"from": from}}));
    let all = in_window().count();
    let recent = NOW - 3 * DAY;
    let some = after(recent);
    assert!(!some.is_empty() && some.len() < all);
    // Whatever shows a newer time was updated since; what was not cannot show one.
    for record in in_window() {
        let mut latest = 0;
        newest(record, &mut latest);
        if latest >= recent {
            assert!(some.contains(id(record)), "{latest} {record}");
        }
    }
    assert_eq!(found(&json!({"latestUpdateTime": recent})), some, "a bare number");
    assert_eq!(
        after(recent / STEP * STEP),
        after(recent / STEP * STEP + STEP - 1),
        "rounded down"
    );
    assert_eq!(after(0).len(), all);
    let count = some.len() as i64 - after(NOW - DAY).len() as i64;
    assert!(count > 0, "a later bound finds less");
}

/// The newest epoch time in the record that is not about the page visit before.
fn newest(value: &Value, latest: &mut i64) {
    match value {
        Value::Object(members) => members.values().for_each(|member| newest(member, latest)),
        Value::Array(entries) => entries.iter().for_each(|entry| newest(entry, latest)),
        Value::Number(number) => {
            if let Some(number) = number
                .as_i64()
                .filter(|number| (1_700_000_000_000..=NOW).contains(number))
            {
                *latest = number.max(*latest);
            }
        }
        _ => {}
    }
}

#[test]
fn by_skill() {
    let skill = common("latestSkillId");
    check(json!({"latestSkillIds": [skill]}), |record| {
        record["info"]["latestSkillId"] == skill
    });
    check(json!({"latestSkillIds": [skill.to_string(), "-1"]}), |record| {
        record["info"]["latestSkillId"] == skill || record["info"]["latestSkillId"] == -1
    });
    for skill in [skill, json!(-1)] {
        check(json!({"skillIds": [skill.to_string()]}), |record| {
            let passed = |transfer: &Value| transfer["sourceSkillId"] == skill || transfer["targetSkillId"] == skill;
            record["info"]["latestSkillId"] == skill || list(record, "transfers").iter().any(passed)
        });
    }
}

#[test]
fn by_agent() {
    let agent = common("latestAgentId");
    check(
        json!({"latestAgentIds": [agent.as_str().unwrap().parse::<i64>().unwrap()]}),
        |record| record["info"]["latestAgentId"] == agent,
    );
    let joined = |record: &Value, agent: &Value, permissions: &[&str]| {
        list(record, "agentParticipants").iter().any(|join| {
            (agent.is_null() || join["agentId"] == *agent || join["agentPid"] == *agent)
                && permissions.iter().any(|permission| join["permission"] == *permission)
        })
    };
    check(json!({"agentIds": [agent]}), |record| {
        joined(record, &agent, &["ASSIGNED_AGENT"])
    });
    let first = in_window()
        .find_map(|record| list(record, "agentParticipants").first())
        .unwrap();
    let pid = first["agentPid"].clone();
    check(json!({"agentIds": [pid]}), |record| {
        joined(record, &pid, &["ASSIGNED_AGENT"])
    });
    check(json!({"userPermissions": ["READER"]}), |record| {
        joined(record, &Value::Null, &["READER"])
    });
    let manager = in_window()
        .flat_map(|record| list(record, "agentParticipants"))
        .find(|join| join["permission"] == "MANAGER")
        .map(|join| join["agentId"].clone())
        .unwrap();
    check(
        json!({"agentIds": [manager], "userPermissions": ["AGENT_MANGER", "READER"]}),
        |record| joined(record, &manager, &["MANAGER", "READER"]),
    );
    let group = common("latestAgentGroupId");
    check(json!({"agentGroupIds": [group.to_string()]}), |record| {
        list(record, "agentParticipants")
            .iter()
            .any(|join| join["agentGroupId"] == group)
    });
}

#[test]
fn by_words_of_messages_and_summaries() {
    let texts = |record: &Value| -> Vec<Value> {
        let messages = list(record, "messageRecords")
            .iter()
            .map(|message| &message["messageData"]);
        messages
            .flat_map(|data| [&data["msg"]["text"], &data["link"]["caption"], &data["file"]["caption"]])
            .filter(|text| text.is_string())
            .cloned()
            .collect()
    };
    check(json!({"keyword": "parcel"}), |record| {
        texts(record).iter().any(|text| has_word(text, "parcel"))
    });
    check(json!({"keyword": "Order PARCEL"}), |record| {
        texts(record)
            .iter()
            .any(|text| has_word(text, "parcel") && has_word(text, "order"))
    });
    check(json!({"keyword": "\"late parcel\""}), |record| {
        texts(record)
            .iter()
            .any(|text| text.as_str().unwrap().to_lowercase().contains("late parcel"))
    });
    check(json!({"keyword": "łódź"}), |record| {
        texts(record).iter().any(|text| has_word(text, "łódź"))
    });
    check(json!({"keyword": "\"注文番号\""}), |record| {
        texts(record)
            .iter()
            .any(|text| text.as_str().unwrap().contains("注文番号"))
    });
    check(json!({"summary": "order"}), |record| {
        has_word(&record["summary"]["text"], "order")
    });
    check(json!({"summary": "\"about order\""}), |record| {
        record["summary"]["text"]
            .as_str()
            .is_some_and(|text| text.contains("about order"))
    });
}

#[test]
fn by_length_and_scores() {
    check(json!({"duration": {"from": 60, "to": 600}}), |record| {
        (60..=600).contains(&(whole(&record["info"]["duration"]) / 1_000))
    });
    check(json!({"duration": {"to": "300"}}), |record| {
        whole(&record["info"]["duration"]) / 1_000 <= 300
    });
    check(json!({"mcs": {"from": 40, "to": 55}}), |record| {
        record["info"]["mcs"]
            .as_i64()
            .is_some_and(|mcs| (40..=55).contains(&mcs))
    });
    check(json!({"mcs": {"from": 60}}), |record| {
        record["info"]["mcs"].as_i64().is_some_and(|mcs| mcs >= 60)
    });
    check(json!({"alertedMcsValues": ["-1", 1]}), |record| {
        matches!(record["info"]["alertedMCS"].as_i64(), Some(-1 | 1))
    });
    check(json!({"csat": {"from": 4, "to": 5}}), |record| {
        matches!(record["info"]["csatRate"].as_i64(), Some(4 | 5))
    });
    check(json!({"nps": {"from": 0, "to": 8}}), |record| {
        answers(record).any(|answer| {
            answer["questionType"] == "nps"
                && answer["isValidAnswer"] == true
                && answer["answer"]
                    .as_str()
                    .unwrap()
                    .parse::<i64>()
                    .is_ok_and(|nps| nps <= 8)
        })
    });
}

#[test]
fn by_channel_and_content() {
    let source = |names: &'static [&'static str]| {
        move |record: &Value| names.iter().any(|name| record["info"]["source"] == *name)
    };
    check(json!({"source": ["APP", "SMS"]}), source(&["APP", "SMS"]));
    check(json!({"source": ["WhatsApp Business"]}), source(&["WHATSAPP"]));
    check(
        json!({"source": ["Apple Business Chat"]}),
        source(&["Apple Business Chat"]),
    );
    check(json!({"source": ["WEB"]}), source(&["SHARK"]));
    check(json!({"device": ["TABLET", "NA"]}), |record| {
        record["info"]["device"] == "TABLET" || record["info"]["device"] == "NA"
    });
    for kind in [
        "TEXT_HTML",
        "LINK",
        "HOSTED_FILE",
        "RICH_CONTENT",
        "SECURE_FORM_INVITATION",
    ] {
        check(json!({"messageContentTypes": [kind]}), |record| {
            list(record, "messageRecords")
                .iter()
                .any(|message| message["type"] == kind)
        });
    }
    for state in ["IN_QUEUE", "ACTIVE"] {
        check(json!({"latestConversationQueueState": state}), |record| {
            record["info"]["latestQueueState"] == state
        });
    }
    check(json!({"conversationsWithStepUpOnly": true}), |record| {
        record["info"]["wasStepUp"] == true
    });
}

#[test]
fn by_engagement_attributes() {
    // Found two hours after they came, whether authenticated or not.
    fn texts(value: &Value, out: &mut Vec<String>) {
        match value {
            Value::String(text) => out.push(text.clone()),
            Value::Array(entries) => entries.iter().for_each(|entry| texts(entry, out)),
            Value::Object(members) => members
                .iter()
                .filter(|(key, _)| !key.ends_with("TimeStamp") && *key != "sdeType")
                .for_each(|(_, member)| texts(member, out)),
            _ => {}
        }
    }
    let holds = |record: &Value, key: &str, word: &str| {
        let events = list(&record["sdes"], "events")
            .iter()
            .chain(list(&record["unAuthSdes"], "events"));
        events.filter(|event| event.get(key).is_some()).any(|event| {
            let time = &event["serverTimeStamp"];
            let time = time.as_i64().unwrap_or_else(|| time.as_str().unwrap().parse().unwrap());
            let mut found = Vec::new();
            texts(&event[key], &mut found);
            time <= NOW - 2 * HOUR + MINUTE && found.iter().any(|text| words(text).iter().any(|found| found == word))
        })
    };
    check(json!({"sdeSearch": {"customerInfo": "gold"}}), |record| {
        holds(record, "customerInfo", "gold")
    });
    check(
        json!({"sdeSearch": {"customerInfo": "\"platinum vip\"", "visitorError": "declined"}}),
        |record| holds(record, "customerInfo", "platinum") || holds(record, "visitorError", "declined"),
    );
    check(
        json!({"sdeSearch": {"cartStatus": "outdoor", "personalInfo": null}}),
        |record| holds(record, "cartStatus", "outdoor"),
    );
    check(json!({"sdeSearch": {"userUpdate": "emma"}}), |record| {
        record["consumerParticipants"][0]["firstName"] == "Emma"
    });
    let long = in_window()
        .flat_map(|record| list(&record["sdes"], "events"))
        .filter_map(|event| event["customerInfo"]["customerInfo"]["customerId"].as_str())
        .find(|id| id.len() == 6)
        .unwrap();
    let search = json!({"sdeSearch": {"customerInfo": long}});
    assert!(
        found(&search).is_empty(),
        "numbers of more than three digits are not found"
    );
}

#[test]
fn by_response_time() {
    let due = |record: &Value| whole(&record["responseTime"]["latestEffectiveResponseDueTime"]);
    check(json!({"responseTime": {"from": 0}}), |record| due(record) > 0);
    let middle = NOW - DAY;
    check(json!({"responseTime": {"from": middle}}), |record| {
        due(record) >= middle
    });
    check(json!({"responseTime": {"to": middle}}), |record| {
        due(record) != -1 && due(record) <= middle
    });
}

#[test]
fn by_survey() {
    check(json!({"surveyBotConversations": "SURVEY_BOT"}), |record| {
        list(record, "dialogs")
            .iter()
            .any(|dialog| dialog["dialogType"] == "POST_SURVEY")
    });
    check(json!({"invalidFreeTextAnswer": "INVALID_FREE_TEXT_ANSWER"}), |record| {
        answers(record).any(|answer| answer["answerId"] == "InvalidAnswer")
    });
    check(json!({"surveyIds": [8800, "8803"]}), |record| {
        let surveys = list(record, "conversationSurveys").iter();
        surveys
            .clone()
            .any(|survey| survey["surveyId"] == "8800" || survey["surveyId"] == "8803")
    });
    check(json!({"questionBrick": "recommendation"}), |record| {
        answers(record).any(|answer| answer["questionName"] == "recommendation")
    });
    check(json!({"questionBrick": "brick_text_4"}), |record| {
        answers(record).any(|answer| answer["questionId"] == "brick_text_4")
    });
    check(json!({"fcr": ["yes"]}), |record| {
        answers(record).any(|answer| {
            answer["question"].as_str().unwrap().contains("solved")
                && (answer["answer"] == "yes" || answer["answer"] == "1")
        })
    });
    check(
        json!({"questionTypeAndFormatToRetrieve": {"type": "custom", "format": "open"}}),
        |record| answers(record).any(|answer| answer["questionType"] == "custom" && answer["questionFormat"] == "open"),
    );
    check(json!({"answerText": ["friendly", "meh"]}), |record| {
        let free = |answer: &Value| answer["questionFormat"] == "open";
        answers(record).any(|answer| {
            free(answer) && (has_word(&answer["answer"], "friendly") || has_word(&answer["answer"], "meh"))
        })
    });
}

#[test]
fn by_intent() {
    let name = common("firstIntentLabel");
    let name = if name.is_null() { json!("parcel late") } else { name };
    let classes = |record: &Value, selected_only: bool| -> Vec<Value> {
        list(record, "intents")
            .iter()
            .flat_map(|intent| {
                let all = if selected_only {
                    &[]
                } else {
                    list(intent, "allClassifications")
                };
                std::iter::once(intent["selectedClassification"].clone()).chain(all.to_vec())
            })
            .collect()
    };
    for selected_only in [false, true] {
        check(
            json!({"intentName": [name], "selectedIntentOnly": selected_only}),
            |record| {
                classes(record, selected_only)
                    .iter()
                    .any(|class| class["intentLabel"] == name)
            },
        );
        check(
            json!({"intentName": [name], "intentConfidenceScore": "0.8", "selectedIntentOnly": selected_only}),
            |record| {
                classes(record, selected_only)
                    .iter()
                    .any(|class| class["intentLabel"] == name && class["confidenceScore"].as_f64().unwrap() >= 0.8)
            },
        );
    }
    let id = in_window()
        .find_map(|record| record["info"].get("firstIntentName"))
        .unwrap();
    check(json!({"intentName": id}), |record| {
        classes(record, false).iter().any(|class| class["intentName"] == *id)
    });
}

#[test]
fn by_agent_survey() {
    let surveys = |record: &Value| -> Vec<Value> {
        let latest = record.get("latestAgentSurvey").cloned();
        latest
            .into_iter()
            .chain(list(record, "previouslySubmittedAgentSurveys").to_vec())
            .collect()
    };
    let search = |search: Value| json!({"agentSurveySearch": search});
    check(search(json!({"pendingAgentSurvey": [true]})), |record| {
        record["info"]["pendingAgentSurvey"] == true
    });
    check(search(json!({"surveyId": [510, "511"]})), |record| {
        surveys(record)
            .iter()
            .any(|survey| survey["acSurveyId"] == "510" || survey["acSurveyId"] == "511")
    });
    let answered = |record: &Value, test: &dyn Fn(&Value) -> bool| {
        surveys(record)
            .iter()
            .any(|survey| list(survey, "submittedAnswers").iter().any(test))
    };
    check(search(json!({"questionId": ["2"]})), |record| {
        answered(record, &|answer| answer["questionId"] == "2")
    });
    check(
        search(json!({"questionName": ["How many steps did it take?"]})),
        |record| answered(record, &|answer| answer["questionId"] == "2"),
    );
    check(
        search(json!({"questionKeywords": ["topic"], "answerKeywords": ["\"double charge\""]})),
        |record| answered(record, &|answer| answer["answers"][0]["answer"] == "double charge"),
    );
    check(
        search(json!({"pendingAgentSurvey": [false], "answerKeywords": ["tracking"]})),
        |record| {
            record["info"]["pendingAgentSurvey"] == false
                && answered(record, &|answer| answer["answers"][0]["answer"] == "tracking")
        },
    );
}

#[test]
fn by_annotation() {
    // No member of the record shows the state, so that the conversations themselves are asked.
    for states in [json!(["OPEN"]), json!(["SUBMITTED", "VETTED"])] {
        let wanted: Vec<&str> = states.as_array().unwrap().iter().filter_map(Value::as_str).collect();
        let annotated = |id: &str| {
            let place = SHARED.index.find(id).unwrap();
            SHARED
                .index
                .conversation(place as usize)
                .annotation
                .is_some_and(|state| wanted.contains(&state))
        };
        check(json!({"annotationStates": states}), |record| annotated(id(record)));
    }
}

#[test]
fn filters_are_combined() {
    check(
        json!({"status": ["CLOSE"], "source": ["SHARK"], "mcs": {"from": 50, "to": 100}, "device": ["DESKTOP"]}),
        |record| {
            let info = &record["info"];
            info["status"] == "CLOSE"
                && info["source"] == "SHARK"
                && info["device"] == "DESKTOP"
                && info["mcs"].as_i64().is_some_and(|mcs| mcs >= 50)
        },
    );
}

#[test]
fn a_remembered_result_is_the_computed_one() {
    let body = json!({"start": start(), "keyword": "order", "sdeSearch": {"customerInfo": "gold"}}).to_string();
    let ask = |history| bytes(history, HistoryKind::Search, "v=2&limit=10", body.as_bytes());
    let first = ask(&SHARED);
    for number in 0..20 {
        let other = json!({"start": start(), "keyword": format!("word{number}")}).to_string();
        bytes(&SHARED, HistoryKind::Search, "v=2", other.as_bytes());
        assert_eq!(ask(&SHARED), first);
    }
    let longer = [body.as_bytes(), &[b' '; 20_000]].concat();
    assert_eq!(bytes(&SHARED, HistoryKind::Search, "v=2&limit=10", &longer), first);
}
