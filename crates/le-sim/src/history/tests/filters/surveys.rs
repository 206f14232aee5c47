//! Surveys of consumers and agents, intents, annotations.

use serde_json::{Value, json};

use super::super::{SHARED, id, list};
use super::{answers, check, common, has_word, in_window};

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
            let index = SHARED.read();
            let place = index.find(id).unwrap();
            index
                .conversation(place as usize)
                .annotation
                .is_some_and(|state| wanted.contains(&state))
        };
        check(json!({"annotationStates": states}), |record| annotated(id(record)));
    }
}
