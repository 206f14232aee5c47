//! The Rust handle.

use std::{collections::BTreeMap, sync::Arc};

use serde::Serialize;

use crate::{
    behaviour::{Behaviour, UserState},
    clock::SimClock,
    control::{HistoryControl, MessagingControl, MonitoringControl},
    error::SimError,
    faults::{FaultPlan, FaultRule},
    requests::{LoggedRequest, RouteCounter},
    sessions::{Session, Sessions},
    world::World,
};

/// Steers a running simulator and reads what happened in it. Clones steer the same one.
#[derive(Debug, Clone)]
pub struct Control {
    world: Arc<World>,
}

/// How far a rule of the fault plan has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct FaultCount {
    /// The name of the rule, or the kind of its action.
    pub rule: String,
    /// Requests that it matched.
    pub matched: u64,
    /// Requests that it acted on.
    pub fired: u64,
}

impl Control {
    pub(crate) fn new(world: Arc<World>) -> Self {
        Self { world }
    }

    /// The clock. Moving it moves sessions, lockouts, OAuth timestamps and the `Date` header.
    #[must_use]
    pub fn clock(&self) -> SimClock {
        self.world.clock.clone()
    }

    /// The history: changes that happen while clients read it.
    #[must_use]
    pub fn history(&self) -> HistoryControl {
        HistoryControl::new(Arc::clone(&self.world))
    }

    /// Messaging: consumers to drive, presence, sockets, state.
    #[must_use]
    pub fn messaging(&self) -> MessagingControl {
        MessagingControl::new(Arc::clone(&self.world))
    }

    /// Visitors: sessions, offers, campaigns.
    #[must_use]
    pub fn monitoring(&self) -> MonitoringControl {
        MonitoringControl::new(Arc::clone(&self.world))
    }

    /// The fault plan in force.
    #[must_use]
    pub fn faults(&self) -> FaultPlan {
        self.world.faults().plan().clone()
    }

    /// Replaces the fault plan; all counts begin anew.
    ///
    /// # Errors
    ///
    /// [`SimError::FaultPlan`] if a rule says something that cannot be done; the old plan then stays.
    pub fn set_faults(&self, plan: FaultPlan) -> Result<(), SimError> {
        plan.check()?;
        self.world.set_faults(plan);
        Ok(())
    }

    /// Adds a rule to the plan.
    ///
    /// # Errors
    ///
    /// [`SimError::FaultPlan`] if the rule says something that cannot be done.
    pub fn add_fault(&self, rule: FaultRule) -> Result<(), SimError> {
        let plan = FaultPlan::new(0).with(rule);
        plan.check()?;
        for rule in plan.rules {
            self.world.add_fault(rule);
        }
        Ok(())
    }

    /// Takes all rules away.
    pub fn clear_faults(&self) {
        self.world.set_faults(FaultPlan::default());
    }

    /// How often each rule matched and acted.
    #[must_use]
    pub fn fault_counts(&self) -> Vec<FaultCount> {
        let faults = self.world.faults();
        faults
            .plan()
            .rules
            .iter()
            .zip(faults.counts())
            .map(|(rule, (matched, fired))| FaultCount {
                rule: rule.label(),
                matched,
                fired,
            })
            .collect()
    }

    /// The knobs as they stand.
    #[must_use]
    pub fn behaviour(&self) -> Behaviour {
        self.world.behaviour().as_ref().clone()
    }

    /// Turns knobs: `control.adjust(|behaviour| behaviour.source_required = true)`.
    pub fn adjust(&self, change: impl FnOnce(&mut Behaviour)) {
        let mut behaviour = self.behaviour();
        change(&mut behaviour);
        self.world.set_behaviour(behaviour);
    }

    /// Puts a user into a state, such as an expired password.
    pub fn set_user_state(&self, login_name: &str, state: UserState) {
        self.adjust(|behaviour| {
            behaviour.users.retain(|name, _| !name.eq_ignore_ascii_case(login_name));
            if state != UserState::Normal {
                behaviour.users.insert(login_name.to_owned(), state);
            }
        });
    }

    /// The living sessions, oldest first.
    #[must_use]
    pub fn sessions(&self) -> Vec<Session> {
        self.world.sessions().living(self.world.clock.now_ms())
    }

    /// Ends all sessions at once; their bearers are refused from now on. Returns how many there were.
    pub fn expire_sessions(&self) -> usize {
        self.ended(|sessions| sessions.end_all(None))
    }

    /// Ends sessions, and has messaging look after the sockets that were opened with them.
    fn ended<T>(&self, end: impl FnOnce(&mut Sessions) -> T) -> T {
        let ended = end(&mut self.world.sessions());
        self.world.messaging.check_credentials(&self.world);
        ended
    }

    /// Ends the sessions of one user. Returns how many there were.
    pub fn expire_sessions_of(&self, login_name: &str) -> usize {
        self.ended(|sessions| sessions.end_all(Some(login_name)))
    }

    /// Ends the session of one bearer. `false` if there was none.
    pub fn expire_bearer(&self, bearer: &str) -> bool {
        self.ended(|sessions| sessions.end(bearer))
    }

    /// Successful logins by user since the start or the last reset.
    #[must_use]
    pub fn logins(&self) -> BTreeMap<String, u64> {
        self.world.sessions().logins().clone()
    }

    /// Successful logins of one user.
    #[must_use]
    pub fn logins_of(&self, login_name: &str) -> u64 {
        self.world.sessions().logins().get(login_name).copied().unwrap_or(0)
    }

    /// Requests by route id.
    #[must_use]
    pub fn counters(&self) -> BTreeMap<String, RouteCounter> {
        let requests = self.world.requests();
        requests
            .counters()
            .iter()
            .map(|(route, counter)| ((*route).to_owned(), counter.clone()))
            .collect()
    }

    /// How often a route was asked.
    #[must_use]
    pub fn requests_to(&self, route: &str) -> u64 {
        self.world
            .requests()
            .counters()
            .get(route)
            .map_or(0, |counter| counter.requests)
    }

    /// The last requests, oldest first, without bodies, headers and secrets.
    #[must_use]
    pub fn requests(&self) -> Vec<LoggedRequest> {
        self.world.requests().lines()
    }

    /// Back to the state after the start: no sessions, the first fault plan and knobs, the clock where it began.
    pub fn reset(&self) {
        self.world.reset();
    }

    /// The state as the control API shows it.
    #[must_use]
    pub fn state(&self) -> serde_json::Value {
        let world = &self.world;
        serde_json::json!({
            "account": world.account.id,
            "seed": world.seed,
            "conversations": world.conversations,
            "nowMs": world.clock.now_ms(),
            "users": world.account.users.len(),
            "skills": world.account.skills.len(),
            "agentGroups": world.account.agent_groups.len(),
            "apiKeys": world.account.api_keys.len(),
            "oauthClients": world.oauth_clients.len(),
            "visitors": world.monitoring.visitor_count(),
            "sessions": self.sessions(),
            "logins": self.logins(),
            "faults": self.fault_counts(),
            "counters": self.counters(),
        })
    }
}
