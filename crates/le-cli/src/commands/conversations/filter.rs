//! Which conversations: the flags that become the filters of a search.

use std::time::Duration;

use clap::{ArgGroup, Args};
use le_core::{TimeRange, Timestamp};
use le_data::messaging_interactions::{ContentToRetrieve, ConversationStatus, Conversations, SearchConversations};
use serde_json::Value;

use crate::failure::{Failure, Result};
use crate::moment::{Moment, length, moment};

/// The flags that choose conversations. All that are given must match.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Which conversations")]
#[command(group = ArgGroup::new("when").required(true).multiple(true).args(["from", "last"]))]
pub(crate) struct Filter {
    #[command(flatten)]
    span: Span,

    /// Changed at this time or later (the range of begins still holds)
    #[arg(long, value_name = "TIME", value_parser = moment)]
    updated_since: Option<Moment>,

    #[command(flatten)]
    which: Which,
}

/// The flags for the range of begins.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Which conversations")]
pub(crate) struct Span {
    /// Began at this time or later: 2026-01-31, 2026-01-31T09:00:00Z, or how long ago (7d, 24h); UTC unless it says otherwise
    #[arg(long, value_name = "TIME", value_parser = moment, conflicts_with = "last")]
    from: Option<Moment>,

    /// Began at this time or earlier; a date is included whole [default: now]
    #[arg(long, value_name = "TIME", value_parser = moment, conflicts_with = "last", requires = "from")]
    to: Option<Moment>,

    /// Began within this time before now, e.g. 7d, 24h or 2w
    #[arg(long, value_name = "LENGTH", value_parser = length)]
    last: Option<Duration>,
}

/// The flags for everything but the time.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Which conversations")]
pub(crate) struct Which {
    /// In this state: open or close
    #[arg(long, value_name = "STATUS", value_delimiter = ',', value_parser = status)]
    status: Vec<ConversationStatus>,

    /// Went through one of these skills (ids, comma separated)
    #[arg(long, value_name = "ID", value_delimiter = ',', allow_negative_numbers = true)]
    skill: Vec<i64>,

    /// Was last in one of these skills
    #[arg(long, value_name = "ID", value_delimiter = ',', allow_negative_numbers = true)]
    latest_skill: Vec<i64>,

    /// One of these agents was assigned to it (user ids)
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    agent: Vec<String>,

    /// One of these agents was the latest
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    latest_agent: Vec<String>,

    /// An agent of one of these groups took part
    #[arg(long, value_name = "ID", value_delimiter = ',', allow_negative_numbers = true)]
    agent_group: Vec<i64>,

    /// Opened through one of these channels, e.g. SHARK (web), APP, SMS, "WhatsApp Business"
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    channel: Vec<String>,

    /// A message holds this text; in double quotes a phrase
    #[arg(long, value_name = "TEXT")]
    keyword: Option<String>,

    /// The parts to fetch (comma separated), e.g. messageRecords,dialogs,sdes; `info` always comes, `none` means nothing else, `all`
    /// everything that is documented: dialogs, attributes of unauthenticated consumers and more. Without it the service's default set comes
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    content: Vec<String>,

    /// Any other filter of the API as KEY=JSON, e.g. 'csat={"from":1,"to":2}'; can be given several times
    #[arg(long, value_name = "KEY=JSON", value_parser = other)]
    filter: Vec<(String, Value)>,
}

fn status(text: &str) -> Result<ConversationStatus, String> {
    match text.to_ascii_uppercase().as_str() {
        "OPEN" => Ok(ConversationStatus::Open),
        "CLOSE" | "CLOSED" => Ok(ConversationStatus::Close),
        _ => Err("the states are open and close".to_owned()),
    }
}

fn other(text: &str) -> Result<(String, Value), String> {
    let (key, json) = text
        .split_once('=')
        .ok_or("write KEY=JSON, e.g. 'nps={\"from\":0,\"to\":6}'")?;
    let value = serde_json::from_str(json).map_err(|e| format!("what follows `{key}=` is not JSON: {e}"))?;
    Ok((key.trim().to_owned(), value))
}

/// The part of `--content` that asks for nothing beyond `info`.
const NO_CONTENT: &str = "none";

/// The part of `--content` that asks for every documented part.
const ALL_CONTENT: &str = "all";

impl Span {
    /// Whether a range was given at all.
    pub(crate) fn is_given(&self) -> bool {
        self.from.is_some() || self.last.is_some()
    }

    /// The range of begins.
    pub(crate) fn range(&self, now: Timestamp) -> Result<TimeRange> {
        if let Some(length) = self.last {
            return Ok(TimeRange::last(length, now));
        }
        let from = self
            .from
            .ok_or_else(|| Failure::usage("no range of time was given").advise("give --from and --to, or --last 7d"))?;
        let to = self.to.unwrap_or(Moment::Now).ends(now);
        Ok(TimeRange::new(from.begins(now), to)?)
    }
}

impl Which {
    /// Whether any of them was given.
    pub(crate) fn is_given(&self) -> bool {
        !(self.status.is_empty()
            && self.skill.is_empty()
            && self.latest_skill.is_empty()
            && self.agent.is_empty()
            && self.latest_agent.is_empty()
            && self.agent_group.is_empty()
            && self.channel.is_empty()
            && self.keyword.is_none()
            && self.content.is_empty()
            && self.filter.is_empty())
    }

    /// The parts that are asked for; `None` is the service's default set.
    fn content(&self) -> Option<Vec<ContentToRetrieve>> {
        if self
            .content
            .iter()
            .any(|part| part.trim().eq_ignore_ascii_case(ALL_CONTENT))
        {
            return Some(ContentToRetrieve::documented().collect());
        }
        let parts = self
            .content
            .iter()
            .map(|part| part.trim())
            .filter(|part| !part.eq_ignore_ascii_case(NO_CONTENT));
        (!self.content.is_empty()).then(|| parts.map(ContentToRetrieve::from).collect())
    }

    /// Adds all of them to a search.
    pub(crate) fn apply(&self, mut search: SearchConversations) -> SearchConversations {
        if !self.status.is_empty() {
            search = search.status(self.status.iter().cloned());
        }
        if !self.skill.is_empty() {
            search = search.skills(self.skill.iter().copied());
        }
        if !self.latest_skill.is_empty() {
            search = search.latest_skills(self.latest_skill.iter().copied());
        }
        if !self.agent.is_empty() {
            search = search.agents(self.agent.iter().map(String::as_str));
        }
        if !self.latest_agent.is_empty() {
            search = search.latest_agents(self.latest_agent.iter().map(String::as_str));
        }
        if !self.agent_group.is_empty() {
            search = search.agent_groups(self.agent_group.iter().copied());
        }
        if !self.channel.is_empty() {
            search = search.channels(self.channel.iter().map(String::as_str));
        }
        if let Some(keyword) = &self.keyword {
            search = search.keyword(keyword.as_str());
        }
        if let Some(content) = self.content() {
            search = search.content(content);
        }
        self.filter
            .iter()
            .fold(search, |search, (key, value)| search.extra_body(key.as_str(), value))
    }
}

impl Filter {
    /// The range of begins.
    pub(crate) fn range(&self, now: Timestamp) -> Result<TimeRange> {
        self.span.range(now)
    }

    /// The search for `range` with all filters.
    pub(crate) fn search(
        &self,
        conversations: &Conversations,
        range: TimeRange,
        now: Timestamp,
    ) -> SearchConversations {
        let mut search = self.which.apply(conversations.search(range));
        if let Some(since) = self.updated_since {
            search = search.updated_since(since.begins(now));
        }
        search
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use clap::Parser;
    use le_core::discover::FixedBase;
    use le_core::{AccountId, BaseUri, Client};
    use le_data::Data;
    use serde_json::json;

    use super::*;

    #[derive(Debug, Parser)]
    struct Only {
        #[command(flatten)]
        filter: Filter,
    }

    fn parse(args: &[&str]) -> Result<Filter, String> {
        let args = std::iter::once(&"le").chain(args);
        Only::try_parse_from(args)
            .map(|only| only.filter)
            .map_err(|e| e.to_string())
    }

    fn asked(args: &[&str]) -> (String, Value) {
        let client = Client::builder(AccountId::new("1").unwrap())
            .discover(Arc::new(FixedBase(BaseUri::new("localhost").unwrap())))
            .build()
            .unwrap();
        let now = "2026-03-10T12:00:00Z".parse().unwrap();
        let filter = parse(args).unwrap();
        let range = filter.range(now).unwrap();
        let search = filter.search(&Data::new(client).conversations(), range, now);
        (range.to_string(), search.body().unwrap().to_value().unwrap())
    }

    #[test]
    fn flags_become_the_filters_of_the_api() {
        let args = "--from 2026-01-01 --to 2026-01-31 --status close --skill 700100200,-1 --agent a1,a2 --agent-group -1 \
                    --channel SHARK --content messageRecords,dialogs --updated-since 1d";
        let mut args: Vec<&str> = args.split_ascii_whitespace().collect();
        args.extend(["--keyword", "\"late parcel\"", "--filter", r#"csat={"from":1,"to":2}"#]);
        let expected = json!({
            "latestUpdateTime": {"from": 1_773_057_600_000_i64}, "status": ["CLOSE"], "skillIds": [700_100_200, -1],
            "agentIds": ["a1", "a2"], "agentGroupIds": [-1], "source": ["SHARK"], "keyword": "\"late parcel\"",
            "contentToRetrieve": ["messageRecords", "dialogs"], "csat": {"from": 1, "to": 2},
        });
        let range = "2026-01-01T00:00:00.000Z to 2026-01-31T23:59:59.999Z".to_owned();
        assert_eq!(asked(&args), (range, expected));
        let range = "2026-03-09T12:00:00.000Z to 2026-03-10T12:00:00.000Z".to_owned();
        assert_eq!(
            asked(&["--last", "24h", "--content", "none"]),
            (range, json!({"contentToRetrieve": []}))
        );
        let all = asked(&["--last", "24h", "--content", "All"]).1;
        let parts = all["contentToRetrieve"].as_array().unwrap();
        assert!(
            parts.contains(&json!("unAuthSdes")) && parts.contains(&json!("dialogs")),
            "{all}"
        );
        assert!(!parts.contains(&json!("pageView")), "{all}");
    }

    #[test]
    fn contradictions_are_refused() {
        for bad in [
            &[][..],
            &["--to", "2026-01-01"],
            &["--last", "7d", "--from", "2026-01-01"],
            &["--last", "7"],
            &["--last", "7d", "--status", "closing"],
            &["--last", "7d", "--filter", "nps"],
            &["--last", "7d", "--filter", "nps={"],
        ] {
            assert!(parse(bad).is_err(), "{bad:?}");
        }
        let backwards = parse(&["--from", "2026-02-01", "--to", "2026-01-01"]).unwrap();
        assert!(backwards.range(Timestamp::from_millis(0)).is_err());
    }
}
