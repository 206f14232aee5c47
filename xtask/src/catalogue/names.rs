//! Rust names for texts of the wire.

/// `IN_QUEUE` and `in queue` become `InQueue`; `agentVep` becomes `AgentVep`.
pub(crate) fn pascal_case(text: &str) -> String {
    let mut out = String::new();
    for word in text
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
    {
        let (first, rest) = word.split_at(1);
        out.push_str(&first.to_ascii_uppercase());
        if word.bytes().any(|b| b.is_ascii_lowercase()) {
            out.push_str(rest);
        } else {
            out.push_str(&rest.to_ascii_lowercase());
        }
    }
    out
}

/// `QueueState` becomes `QUEUE_STATE`.
pub(crate) fn screaming_case(text: &str) -> String {
    let mut out = String::new();
    for (index, c) in text.chars().enumerate() {
        if c.is_ascii_uppercase() && index > 0 {
            out.push('_');
        }
        out.push(c.to_ascii_uppercase());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wire_texts_become_rust_names() {
        for (text, name) in [
            ("IN_QUEUE", "InQueue"),
            ("agentVep", "AgentVep"),
            ("Apple Business Chat", "AppleBusinessChat"),
            ("SMS", "Sms"),
            ("back2Q", "Back2Q"),
        ] {
            assert_eq!(pascal_case(text), name);
        }
        assert_eq!(screaming_case("AgentSurveyStatusReason"), "AGENT_SURVEY_STATUS_REASON");
    }
}
