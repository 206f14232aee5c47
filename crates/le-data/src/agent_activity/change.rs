//! One record: a change of an agent's status.

use std::borrow::Cow;
use std::time::Duration;

use le_core::Timestamp;
use le_core::id::{AgentGroupId, UserId};
use le_core::wire::{Int, RawRecord, TimeText, present};

use crate::agent_activity::codes::{AgentStatusSubType, AgentStatusType};
use crate::pages::{Api, RecordHead, RecordPage, Scalar, scalars};

/// Agent Activity, as a paged API.
pub(super) struct Changes;

/// The fields that make the key of a change.
const KEY: [&str; 5] = ["agentId", "time", "statusType", "statusSubType", "sequenceNumber"];

impl Api for Changes {
    type Record = StatusChange;

    const RECORDS: &'static str = "stateChanges";
    const LARGEST_PAGE: u32 = 5000;
    const GRAIN: Duration = Duration::from_millis(1);

    fn raw_key(json: &str) -> Option<Cow<'_, str>> {
        let parts = scalars(json, None, KEY).map(|part| part.and_then(Scalar::into_id));
        key(parts).map(Cow::Owned)
    }
}

/// The key, where agent and time are there.
fn key(parts: [Option<Cow<'_, str>>; 5]) -> Option<String> {
    if parts[0].is_none() || parts[1].is_none() {
        return None;
    }
    let parts: Vec<&str> = parts.iter().map(|part| part.as_deref().unwrap_or_default()).collect();
    Some(parts.join("|"))
}

/// The head of a change: its key (see [`StatusChange::key`]) and its time, read from its text alone.
#[must_use]
pub fn head(record: &RawRecord) -> RecordHead<'_> {
    let [time] = scalars(record.as_str(), None, ["time"]);
    RecordHead {
        key: Changes::raw_key(record.as_str()),
        start: time.and_then(|time| time.as_instant()),
        ..RecordHead::default()
    }
}

le_core::record! {
    /// A login, a logout, or a change of an agent's status.
    ///
    /// Vendor page: <https://developers.liveperson.com/agent-activity-api-methods.html>
    pub struct StatusChange {
        /// The agent.
        agent_id: Option<UserId> = "agentId" [safe],
        /// The brand's own number of the agent.
        employee_id: Option<String> = "employeeId",
        /// The agent's login name.
        agent_login_name: Option<String> = "agentLoginName",
        /// The agent's user name.
        agent_user_name: Option<String> = "agentUserName",
        /// The agent's group.
        agent_group_id: Option<AgentGroupId> = "agentGroupId" [safe],
        /// When. See [`StatusChange::at`].
        time: Option<TimeText> = "time" [safe],
        /// The session; -1 on the first two changes of a session (login, first status).
        session_id: Option<Int> = "sessionId" [safe],
        /// The place in the session: -1 for the login, 1 for the status after it.
        sequence_number: Option<Int> = "sequenceNumber" [safe],
        /// What happened, as a code. See [`StatusChange::status_type`].
        status_type: Option<Int> = "statusType" [safe],
        /// The status, as a code. See [`StatusChange::status`].
        status_sub_type: Option<Int> = "statusSubType" [safe],
        /// Why, as the account has set it up; -1 or 0 is none.
        status_reason_id: Option<Int> = "statusReasonId" [safe],
        /// The same in words.
        status_reason_text: Option<String> = "statusReasonText" [safe],
        /// When the status before began; missing on logouts and on the first status after a login.
        prev_status_change_time: Option<TimeText> = "prevStatusChangeTime" [safe],
    }
}

impl StatusChange {
    /// When.
    #[must_use]
    pub fn at(&self) -> Option<Timestamp> {
        self.time.as_ref()?.get()
    }

    /// When the status before began.
    #[must_use]
    pub fn previous_at(&self) -> Option<Timestamp> {
        self.prev_status_change_time.as_ref()?.get()
    }

    /// What happened.
    #[must_use]
    pub fn status_type(&self) -> Option<AgentStatusType> {
        self.status_type.as_ref().map(|code| code.to_string().into())
    }

    /// The status, where it is a change of status.
    #[must_use]
    pub fn status(&self) -> Option<AgentStatusSubType> {
        let status: AgentStatusSubType = self.status_sub_type.as_ref()?.to_string().into();
        (status != AgentStatusSubType::None).then_some(status)
    }

    /// Why, where a reason was given: its id and its text.
    #[must_use]
    pub fn reason(&self) -> Option<(i64, Option<&str>)> {
        let id = self.status_reason_id.as_ref()?.present().filter(|id| *id != 0)?;
        Some((id, self.status_reason_text.as_deref().and_then(present)))
    }

    /// The key by which changes are told apart: agent, time, type, status and place in the session. The session's own id does
    /// not do, since it is -1 on the first two changes.
    #[must_use]
    pub fn key(&self) -> Option<String> {
        let number = |number: &Option<Int>| number.as_ref().map(|number| Cow::Owned(number.to_string()));
        key([
            self.agent_id.as_ref().map(|id| Cow::Borrowed(id.as_str())),
            self.time.as_ref().map(|time| Cow::Owned(time.to_string())),
            number(&self.status_type),
            number(&self.status_sub_type),
            number(&self.sequence_number),
        ])
    }
}

le_core::record! {
    /// The range that the service looked at.
    pub struct Timeframe {
        /// From.
        start_time: Option<TimeText> = "startTime" [safe],
        /// To.
        end_time: Option<TimeText> = "endTime" [safe],
        /// From, in milliseconds since 1970.
        start_time_l: Option<Int> = "startTimeL" [safe],
        /// To, in milliseconds since 1970.
        end_time_l: Option<Int> = "endTimeL" [safe],
    }
}

crate::times::times!(Timeframe {
    /// From.
    from: start_time_l, start_time;
    /// To.
    to: end_time_l, end_time;
});

impl RecordPage<StatusChange> {
    /// The range that the service looked at.
    #[must_use]
    pub fn timeframe(&self) -> Option<Timeframe> {
        let timeframe = self.member("timeframe")?.decode::<Timeframe>().ok()?;
        Some(timeframe.into_inner())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_of_the_text_is_the_key_of_the_record() {
        for json in [
            r#"{"agentId":9,"time":"2030-01-01T08:00:00.250Z","sessionId":-1,"sequenceNumber":-1,"statusType":3,"statusSubType":0}"#,
            r#"{"statusSubType":"4","sequenceNumber":2,"time":"2030-01-01T08:00:00Z","agentId":"9","statusType":1}"#,
            r#"{"agentId":9,"time":"2030-01-01T08:00:00Z"}"#,
            r#"{"agentId":9}"#,
            "{}",
        ] {
            let raw = RawRecord::new(json).unwrap();
            let record = raw.decode::<StatusChange>().unwrap();
            assert_eq!(Changes::raw_key(json).as_deref(), record.key().as_deref(), "{json}");
            assert_eq!(head(&raw).key.as_deref(), record.key().as_deref());
        }
        let raw = RawRecord::new(r#"{"agentId":9,"time":"2030-01-01T08:00:00.250Z","statusType":3}"#).unwrap();
        assert_eq!(head(&raw).key.as_deref(), Some("9|2030-01-01T08:00:00.250Z|3||"));
        assert_eq!(head(&raw).start, Some(Timestamp::from_millis(1_893_484_800_250)));
    }
}
