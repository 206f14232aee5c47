//! Decides which rules fire on a request.

use crate::faults::{
    action::FaultAction,
    pattern,
    plan::{FaultPlan, FaultRule},
};

/// What a rule can match.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Incoming<'a> {
    pub(crate) route: &'a str,
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
}

/// A plan with the state of its rules.
#[derive(Debug, Default)]
pub(crate) struct FaultEngine {
    plan: FaultPlan,
    progress: Vec<Progress>,
}

#[derive(Debug, Clone, Default)]
struct Progress {
    matched: u64,
    fired: u64,
    random: Option<fastrand::Rng>,
}

impl FaultEngine {
    pub(crate) fn new(plan: FaultPlan) -> Self {
        let mut engine = Self::default();
        engine.plan.seed = plan.seed;
        for rule in plan.rules {
            engine.add(rule);
        }
        engine
    }

    /// Adds a rule behind the others; their counts go on.
    pub(crate) fn add(&mut self, rule: FaultRule) {
        // Each rule draws from its own sequence, so that adding a rule does not change what the others do.
        let seed = self
            .plan
            .seed
            .wrapping_mul(0x9e37_79b9_7f4a_7c15)
            .wrapping_add(self.plan.rules.len() as u64);
        self.progress.push(Progress {
            random: Some(fastrand::Rng::with_seed(seed)),
            ..Progress::default()
        });
        self.plan.rules.push(rule);
    }

    pub(crate) fn plan(&self) -> &FaultPlan {
        &self.plan
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.plan.rules.is_empty()
    }

    /// How often each rule matched and fired, in the order of the plan.
    pub(crate) fn counts(&self) -> impl Iterator<Item = (u64, u64)> + '_ {
        self.progress.iter().map(|progress| (progress.matched, progress.fired))
    }

    /// The actions for one request, with the labels of their rules.
    pub(crate) fn fire(&mut self, incoming: Incoming<'_>) -> Vec<(String, FaultAction)> {
        self.plan
            .rules
            .iter()
            .zip(&mut self.progress)
            .filter(|(rule, _)| rule.covers(incoming))
            .filter_map(|(rule, progress)| {
                progress.matched += 1;
                progress.decides(rule).then(|| {
                    progress.fired += 1;
                    (rule.label(), rule.action.clone())
                })
            })
            .collect()
    }
}

impl Progress {
    fn decides(&mut self, rule: &FaultRule) -> bool {
        // The draw comes first, so that the sequence does not depend on the other conditions.
        let drawn = rule
            .probability
            .is_none_or(|probability| self.random.as_mut().is_some_and(|random| random.f64() < probability));
        drawn
            && rule.nth.is_none_or(|nth| self.matched == nth)
            && rule.every.is_none_or(|every| self.matched.is_multiple_of(every))
            && rule.first.is_none_or(|first| self.matched <= first)
            && rule.after.is_none_or(|after| self.matched > after)
            && rule.max.is_none_or(|max| self.fired < max)
    }
}

impl FaultRule {
    fn covers(&self, incoming: Incoming<'_>) -> bool {
        // Whoever faults "everything" means the HTTP requests; frames have to be named.
        let names_frames = self.route.as_deref().is_some_and(|route| route.starts_with("socket."));
        if incoming.route.starts_with("socket.") != names_frames {
            return false;
        }
        let agrees =
            |glob: &Option<String>, text: &str| glob.as_deref().is_none_or(|glob| pattern::matches(glob, text));
        agrees(&self.route, incoming.route)
            && agrees(&self.path, incoming.path)
            && self
                .method
                .as_deref()
                .is_none_or(|method| method.eq_ignore_ascii_case(incoming.method))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEARCH: Incoming<'_> = Incoming {
        route: "messaging_interactions.search",
        method: "POST",
        path: "/messaging_history/api/x",
    };

    fn fired(rule: FaultRule, seed: u64, calls: usize) -> Vec<usize> {
        let mut engine = FaultEngine::new(FaultPlan::new(seed).with(rule));
        (1..=calls).filter(|_| !engine.fire(SEARCH).is_empty()).collect()
    }

    fn rule() -> FaultRule {
        FaultRule::new(FaultAction::status(503))
    }

    #[test]
    fn conditions_count_matches_from_one() {
        assert_eq!(fired(rule().nth(2), 0, 5), [2]);
        assert_eq!(fired(rule().every(2), 0, 5), [2, 4]);
        assert_eq!(fired(rule().first(2), 0, 5), [1, 2]);
        assert_eq!(fired(rule().every(1).max(3), 0, 5), [1, 2, 3]);
        assert_eq!(fired(rule().every(2).first(3), 0, 9), [2]);
        assert_eq!(fired(rule().after(3).max(2), 0, 9), [4, 5]);
        assert_eq!(fired(rule(), 0, 3), [1, 2, 3]);
    }

    #[test]
    fn a_rule_only_counts_what_it_matches() {
        let mut engine = FaultEngine::new(FaultPlan::new(0).with(rule().route("login.*").nth(1)));
        assert!(engine.fire(SEARCH).is_empty());
        let login = Incoming {
            route: "login.login",
            method: "POST",
            path: "/api/account/1/login",
        };
        assert_eq!(engine.fire(login).len(), 1);
        assert_eq!(engine.counts().collect::<Vec<_>>(), [(1, 1)]);
        let get = FaultEngine::new(FaultPlan::new(0).with(rule().method("get"))).fire(SEARCH);
        assert!(get.is_empty());
    }

    #[test]
    fn the_seed_decides_the_draws() {
        let one = fired(rule().probability(0.3), 7, 200);
        assert_eq!(one, fired(rule().probability(0.3), 7, 200));
        assert_ne!(one, fired(rule().probability(0.3), 8, 200));
        assert!((30..90).contains(&one.len()), "{}", one.len());
        assert!(fired(rule().probability(0.0), 7, 50).is_empty());
        assert_eq!(fired(rule().probability(1.0), 7, 50).len(), 50);
    }

    #[test]
    fn a_plan_that_cannot_be_done_is_refused_with_the_place() {
        for (toml, text) in [
            ("[[rules]]\nnth = 0\naction = { kind = \"malformed_json\" }", "nth is 0"),
            (
                "[[rules]]\nprobability = 2.0\naction = { kind = \"malformed_json\" }",
                "probability is 2",
            ),
            ("[[rules]]\naction = { kind = \"status\", status = 42 }", "status is 42"),
            ("[[rules]]\naction = { kind = \"explode\" }", "explode"),
            ("[[rules]]\nevry = 2\naction = { kind = \"malformed_json\" }", "evry"),
        ] {
            let error = FaultPlan::from_toml(toml).unwrap_err().to_string();
            assert!(error.contains(text), "{error}");
        }
    }

    #[test]
    fn both_forms_of_retry_after_are_read() {
        let plan = FaultPlan::from_toml(
            "[[rules]]\naction = { kind = \"status\", status = 429, body = \"html\", retry_after = 2 }\n\
             [[rules]]\naction = { kind = \"status\", status = 503, retry_after = { date_in = 3 } }",
        )
        .unwrap();
        assert!(matches!(
            &plan.rules[0].action,
            FaultAction::Status {
                retry_after: Some(crate::RetryAfter::Seconds(2)),
                ..
            }
        ));
        assert!(matches!(
            &plan.rules[1].action,
            FaultAction::Status {
                retry_after: Some(crate::RetryAfter::Date { date_in: 3 }),
                ..
            }
        ));
    }
}
