//! Query parameters, the page they ask for, and the `_metadata` that says where in the result it lies.

use std::fmt::Write as _;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use serde_json::Value;

use super::{AboveLimit, BadRequest, HistoryCall, HistoryKind};

const DEFAULT_LIMIT: usize = 50;
const MOST: usize = 100;

/// What stays as it is in a query value.
const KEPT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b':');

/// The order of a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Sort {
    pub(super) by_end: bool,
    pub(super) descending: bool,
}

/// What the query parameters ask for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Page {
    pub(super) offset: usize,
    pub(super) limit: usize,
    pub(super) sort: Sort,
    /// Version 2: unauthenticated SDEs, and SDE scalars in their own types.
    pub(super) v2: bool,
}

impl Page {
    /// Reads the query parameters. Unknown ones are ignored, and so is a missing `source`: it was optional for years.
    pub(super) fn read(query: &[(String, String)], above: AboveLimit) -> Result<Self, BadRequest> {
        let (offset, limit) = place(query, above)?;
        let v2 = match value(query, "v") {
            None | Some("1") => false,
            Some("2") => true,
            Some(other) => return Err(BadRequest(format!("v: must be 1 or 2, not {other:?}"))),
        };
        Ok(Self {
            offset,
            limit,
            sort: Sort::read(value(query, "sort"))?,
            v2,
        })
    }
}

fn value<'a>(query: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let found = query.iter().find(|(key, _)| key == name);
    found.map(|(_, value)| value.as_str())
}

/// `offset` and `limit`.
pub(super) fn place(query: &[(String, String)], above: AboveLimit) -> Result<(usize, usize), BadRequest> {
    let number = |name: &str| {
        let parse = |text: &str| {
            let message = || BadRequest(format!("{name}: must be a number from 0, not {text:?}"));
            text.trim().parse::<usize>().map_err(|_| message())
        };
        value(query, name).map(parse).transpose()
    };
    let limit = match number("limit")?.unwrap_or(DEFAULT_LIMIT) {
        0 => return Err(BadRequest("limit: must be at least 1".to_owned())),
        limit if limit > MOST && above == AboveLimit::Reject => {
            return Err(BadRequest(format!("limit: must be at most {MOST}, not {limit}")));
        }
        limit => limit.min(MOST),
    };
    Ok((number("offset")?.unwrap_or(0), limit))
}

impl Page {
    /// Whether the page reaches beyond so many records.
    pub(super) fn is_deeper_than(&self, deepest: Option<usize>) -> bool {
        deepest.is_some_and(|deepest| self.offset.saturating_add(self.limit) > deepest)
    }
}

/// The order that a parameter asks for.
pub(super) fn sort(value: Option<&str>) -> Result<Sort, BadRequest> {
    Sort::read(value)
}

impl Sort {
    /// `start` or `end`, a colon, a direction; the page of 2017 spelled one direction `des`. Without a value the newest
    /// come first: the pages do not say, and a client that relies on another order should notice.
    fn read(value: Option<&str>) -> Result<Self, BadRequest> {
        let Some(value) = value else {
            return Ok(Self {
                by_end: false,
                descending: true,
            });
        };
        let wrong = || {
            BadRequest(format!(
                "sort: must be start or end, a colon, asc or desc, not {value:?}"
            ))
        };
        let (field, direction) = value.split_once(':').ok_or_else(wrong)?;
        let by_end = match field {
            "start" => false,
            "end" => true,
            _ => return Err(wrong()),
        };
        let descending = match direction {
            "asc" => false,
            "desc" | "des" => true,
            _ => return Err(wrong()),
        };
        Ok(Self { by_end, descending })
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Metadata {
    count: usize,
    #[serde(rename = "self")]
    this: Link,
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<Link>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last: Option<Link>,
    #[serde(skip_serializing_if = "Option::is_none")]
    prev: Option<Link>,
    shards_status_result: Shards,
}

#[derive(Serialize)]
struct Link {
    rel: &'static str,
    href: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Shards {
    partial_result: bool,
}

/// JSON text of `_metadata`. `next` is absent on the last page, `prev` on the first, `last` when there is one page only.
pub(super) fn metadata(call: &HistoryCall<'_>, account: &str, page: &Page, count: usize) -> String {
    // Like the service's own, links start with a host that the client should not follow.
    let path = match call.kind {
        HistoryKind::Search => "conversations/search",
        HistoryKind::Conversation => "conversations/conversation/search",
        HistoryKind::Consumer => "conversations/consumer/search",
    };
    let base = call.base.trim_end_matches('/');
    let address = format!("{base}/messaging_history/api/account/{account}/{path}");
    let metadata = paging(&address, call.query, page.offset, page.limit, count);
    serde_json::to_string(&metadata).unwrap_or_default()
}

/// `_metadata` of any API that pages this way.
pub(super) fn links(address: &str, query: &[(String, String)], offset: usize, limit: usize, count: usize) -> Value {
    serde_json::to_value(paging(address, query, offset, limit, count)).unwrap_or_default()
}

fn paging(address: &str, query: &[(String, String)], offset: usize, limit: usize, count: usize) -> Metadata {
    let link = |rel, offset| Link {
        rel,
        href: href(address, query, limit, offset),
    };
    let next = offset.saturating_add(limit);
    Metadata {
        count,
        this: link("self", offset),
        next: (next < count).then(|| link("next", next)),
        last: (count > limit).then(|| link("last", (count - 1) / limit * limit)),
        prev: (offset > 0).then(|| link("prev", offset.saturating_sub(limit))),
        shards_status_result: Shards { partial_result: false },
    }
}

/// The address of a page.
fn href(address: &str, query: &[(String, String)], limit: usize, offset: usize) -> String {
    let mut href = format!("{address}?limit={limit}&offset={offset}");
    for (key, value) in query.iter().filter(|(key, _)| key != "limit" && key != "offset") {
        // Writing to a String cannot fail.
        let _ = write!(
            href,
            "&{}={}",
            utf8_percent_encode(key, KEPT),
            utf8_percent_encode(value, KEPT)
        );
    }
    href
}
