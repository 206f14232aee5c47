//! Counters and histograms through the `metrics` facade.

use std::time::Duration;

use metrics::{Label, counter, histogram};

use super::names;
use crate::hook::{Hook, Report};

/// Records each attempt, retry and call. A client with the feature `metrics` has it already.
#[derive(Debug, Clone, Copy, Default)]
#[non_exhaustive]
pub struct MetricsHook;

fn labels(report: &Report) -> Vec<Label> {
    let mut labels = vec![
        Label::new(names::METHOD, report.spec.method.as_str().to_owned()),
        Label::new(names::ADDRESS, report.host.clone()),
        Label::new(names::PORT, report.port.to_string()),
        Label::new(names::TEMPLATE, report.spec.path),
        Label::new(names::OPERATION, report.spec.id),
    ];
    if let Some(status) = report.status {
        labels.push(Label::new(names::STATUS, status.as_u16().to_string()));
    }
    if let Some(kind) = report.error {
        labels.push(Label::new(names::ERROR_TYPE, kind.as_str()));
    }
    labels
}

impl Hook for MetricsHook {
    fn after_attempt(&self, report: &Report) {
        histogram!(names::ATTEMPT_DURATION, labels(report)).record(report.elapsed.as_secs_f64());
    }

    fn before_retry(&self, report: &Report, _pause: Duration) {
        counter!(names::RETRIES, labels(report)).increment(1);
    }

    fn after_call(&self, report: &Report) {
        histogram!(names::CALL_DURATION, labels(report)).record(report.elapsed.as_secs_f64());
    }
}
