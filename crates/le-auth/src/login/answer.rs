//! The answer to a login, as the page and the clients know it.

use le_core::id::{AgentGroupId, UserId, UserPid};
use le_core::wire::{Flag, Int, List, Trail};
use le_core::{Error, ErrorKind, RawResponse};
use serde_json::Value;
use serde_json::value::RawValue;

le_core::record! {
    /// The answer to a login. All members are optional; unknown ones are kept in `extra`.
    ///
    /// The answer of a [`Grant`](super::Grant) or a [`Session`](crate::Session) has its three secrets (`bearer`, `csrf`,
    /// `session_id`) taken out.
    /// <https://developers.liveperson.com/login-service-api-methods-user-login.html>
    pub struct LoginAnswer {
        /// What refresh and logout must repeat.
        csrf: Option<String> = "csrf",
        /// A number as text, of undocumented purpose.
        wsuk: Option<Value> = "wsuk",
        /// The same value as the cookie `Session_id`.
        session_id: Option<String> = "sessionId",
        /// Who logged in, and the server's clock.
        config: Option<LoginConfig> = "config" [safe],
        /// Where the services of the account are.
        csds_collection_response: Option<BaseUris> = "csdsCollectionResponse" [safe],
        /// The agent groups of the account.
        account_data: Option<AccountData> = "accountData" [safe],
        /// Named on the page, in no sample.
        site_config: Option<Value> = "siteConfig",
        /// How long the session lasts without a refresh, in milliseconds; usually eight hours.
        session_ttl: Option<Int> = "sessionTTl" | "sessionTTL" [safe],
        /// The session token.
        bearer: Option<String> = "bearer",
    }
}

le_core::record! {
    /// Who logged in, and the server's clock.
    pub struct LoginConfig {
        /// The login name, often an e-mail address.
        login_name: Option<String> = "loginName",
        /// The number of the user. The old agent id is `{account}.{user_id}`.
        user_id: Option<UserId> = "userId" [safe],
        /// The public id of the user, which messaging takes as agent id.
        user_pid: Option<UserPid> = "userPid" [safe],
        /// Numbers of privileges; their meanings are not documented.
        user_privileges: List<Int> = "userPrivileges",
        /// The server's time, in milliseconds since 1970.
        server_current_time: Option<Int> = "serverCurrentTime" [safe],
        /// Milliseconds, may be negative.
        time_diff: Option<Int> = "timeDiff" [safe],
        /// IANA name of the server's time zone.
        server_time_zone_name: Option<String> = "serverTimeZoneName" [safe],
        /// Milliseconds.
        server_time_gmt_diff: Option<Int> = "serverTimeGMTDiff" [safe],
        /// Whether the user is an administrator of LivePerson's own staff.
        is_lpa: Option<Flag> = "isLPA" [safe],
        /// Whether the user is an administrator.
        is_admin: Option<Flag> = "isAdmin" [safe],
        /// IANA name of the account's time zone.
        account_time_zone_id: Option<String> = "accountTimeZoneId" [safe],
    }
}

le_core::record! {
    /// Where the services of the account are, as the Domain API lists them.
    pub struct BaseUris {
        /// One entry for each service.
        base_uris: List<BaseUriEntry> = "baseURIs" [safe],
    }
}

le_core::record! {
    /// Where one service is.
    pub struct BaseUriEntry {
        /// The service.
        service: Option<String> = "service" [safe],
        /// The account.
        account: Option<String> = "account" [safe],
        /// A host or `host:port`.
        base_uri: Option<String> = "baseURI" [safe],
    }
}

le_core::record! {
    /// Data of the account.
    pub struct AccountData {
        /// The agent groups.
        agent_groups_data: Option<AgentGroups> = "agentGroupsData" [safe],
    }
}

le_core::record! {
    /// The agent groups of the account.
    pub struct AgentGroups {
        /// The groups; the root has a negative id.
        items: List<AgentGroup> = "items" [safe],
        /// The revision of the list.
        revision: Option<Int> = "revision" [safe],
    }
}

le_core::record! {
    /// An agent group.
    pub struct AgentGroup {
        /// Its id.
        id: Option<AgentGroupId> = "id" [safe],
        /// Whether it was deleted.
        deleted: Option<Flag> = "deleted" [safe],
        /// Its name.
        name: Option<String> = "name",
    }
}

impl LoginAnswer {
    /// Gives back the room that its lists were read into: it is kept for as long as the session.
    pub(super) fn shrink(&mut self) {
        if let Some(list) = &mut self.csds_collection_response {
            list.base_uris.shrink_to_fit();
        }
        if let Some(config) = &mut self.config {
            config.user_privileges.shrink_to_fit();
        }
        let groups = self
            .account_data
            .as_mut()
            .and_then(|data| data.agent_groups_data.as_mut());
        if let Some(groups) = groups {
            groups.items.shrink_to_fit();
        }
    }

    /// Service and base URI of each entry of the list that came with the login: what `le_domain::Domain::seed` takes.
    pub fn base_uris(&self) -> impl Iterator<Item = (&str, &str)> {
        let entries = self
            .csds_collection_response
            .iter()
            .flat_map(|list| list.base_uris.iter());
        entries.filter_map(|entry| Some((entry.service.as_deref()?, entry.base_uri.as_deref()?)))
    }

    /// The number of the user.
    #[must_use]
    pub fn user_id(&self) -> Option<&UserId> {
        self.config.as_ref()?.user_id.as_ref()
    }

    /// The public id of the user.
    #[must_use]
    pub fn user_pid(&self) -> Option<&UserPid> {
        self.config.as_ref()?.user_pid.as_ref()
    }
}

/// Reads an answer: strictly, and part by part where a member has a type that nobody documented.
pub(super) fn read(answer: &RawResponse) -> Result<LoginAnswer, Error> {
    let raw: &RawValue = serde_json::from_str(answer.json_text()?)
        .map_err(|_| answer.fail(ErrorKind::Decode, "the login answer is not JSON, or ends too early"))?;
    let mut trail = Trail::default();
    let record = trail
        .read(raw)
        .ok_or_else(|| answer.fail(ErrorKind::Decode, "the login answer is not a JSON object"))?;
    let misfits = trail.into_paths();
    if !misfits.is_empty() {
        tracing::debug!(?misfits, "members of the login answer have unexpected types");
    }
    Ok(record)
}
