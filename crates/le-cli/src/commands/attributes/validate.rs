//! `le attributes validate`: everything that is wrong with the attributes of a file.

use std::path::PathBuf;

use clap::{Args, ValueEnum, ValueHint};
use le_attributes::Sde;
use le_attributes::validate::{self, Route, Unknown, Violation};
use serde_json::{Value, json};

use super::reports::{self, Place, Reports};
use crate::exit::Exit;
use crate::failure::Result;
use crate::output::{BAD, FAINT, GOOD, Output, styled};

const LONG_ABOUT: &str = "\
Checks engagement attributes against the published rules, and lists everything that is wrong: where, which rule, what stands \
there (never its value), and what to do. The file is an array of attributes, one attribute, or JSON Lines of either. Nothing is \
sent. It ends with 0 where all rules are kept, with 2 where one is broken, and with 10 where the file is not JSON.

Types and members that no page names break no rule, since newer pages may have them; they are told, with what may have been meant, \
and with --strict they end it with 2 as well.";

const EXAMPLES: &str = "\
Examples:
  le attributes validate cart.json
  le attributes validate --route signed-token lp_sdes.json
  tail -n 100 sent.jsonl | le attributes validate - --json | jq '.violations[] | {line, path, rule}'";

/// The flags of `le attributes validate`.
#[derive(Debug, Args)]
#[command(about = "Checks attributes in a file against the rules", long_about = LONG_ABOUT, after_long_help = EXAMPLES)]
pub(crate) struct ValidateFlags {
    /// The file; - is the standard input
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    file: PathBuf,

    /// On which way they are sent: each takes some types and refuses others
    #[arg(long, value_name = "ROUTE", default_value = "report")]
    route: Way,

    /// Ends with 2 also where a type or a member is not known
    #[arg(long)]
    strict: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Way {
    /// The engagement call of the Monitoring API: no impressions
    Engagement,
    /// The report call of the Monitoring API
    Report,
    /// A report from a mobile app: no searched content
    MobileReport,
    /// The Engagement Attributes API: no impressions
    Visit,
    /// Connect to Messaging: customer and personal info
    ConnectToMessaging,
    /// A token that the brand signs: customer and personal info, no store fields
    SignedToken,
}

impl From<Way> for Route {
    fn from(way: Way) -> Self {
        match way {
            Way::Engagement => Self::Engagement,
            Way::Report => Self::Report,
            Way::MobileReport => Self::MobileReport,
            Way::Visit => Self::Visit,
            Way::ConnectToMessaging => Self::ConnectToMessaging,
            Way::SignedToken => Self::SignedToken,
        }
    }
}

pub(super) fn run(flags: &ValidateFlags, output: Output) -> Result<Exit> {
    let reports = reports::read(&flags.file)?;
    let checked = reports.attributes.len() + reports.misfits.len();
    let unknown = reports.unknown();
    let violations = violations(reports, flags.route.into());
    if output.is_json() {
        output.json(&document(checked, &violations, &unknown))?;
    } else {
        lines(checked, &violations, &unknown, output)?;
    }
    let good = violations.is_empty() && (unknown.is_empty() || !flags.strict);
    Ok(if good { Exit::Ok } else { Exit::Usage })
}

fn document(checked: usize, violations: &[(Place, Violation)], unknown: &[(Place, Unknown)]) -> Value {
    let listed = violations.iter().map(|(place, violation)| {
        json!({
            "attribute": place.at, "line": place.line, "path": violation.path(), "rule": violation.rule().as_str(),
            "message": violation.message(), "found": violation.found(), "advice": violation.advice(),
        })
    });
    let not_known = unknown.iter().map(|(place, unknown)| {
        json!({
            "attribute": place.at, "line": place.line, "path": unknown.path(), "meant": unknown.meant(),
            "message": unknown.to_string(),
        })
    });
    json!({
        "attributes": checked, "valid": violations.is_empty(),
        "violations": listed.collect::<Vec<_>>(), "unknown": not_known.collect::<Vec<_>>(),
    })
}

fn lines(
    checked: usize,
    violations: &[(Place, Violation)],
    unknown: &[(Place, Unknown)],
    output: Output,
) -> Result<()> {
    for (place, violation) in violations {
        let (message, found, advice) = (violation.message(), violation.found(), violation.advice());
        let wrong = styled(BAD, "wrong:");
        output.line(format_args!("{wrong} {place}: {message} (found {found}; {advice})"))?;
    }
    for (place, unknown) in unknown {
        output.line(format_args!("{} {place}: {unknown}", styled(FAINT, "unknown:")))?;
    }
    output.line(match violations.len() {
        0 => format!("{} {checked} attribute(s) keep all rules", styled(GOOD, "valid:")),
        wrong => format!("{wrong} violation(s) in {checked} attribute(s)"),
    })
}

/// What is wrong, in the order of the file.
fn violations(reports: Reports, route: Route) -> Vec<(Place, Violation)> {
    let (places, attributes): (Vec<Place>, Vec<Sde>) = reports.attributes.into_iter().unzip();
    let mut violations = reports.misfits;
    for violation in validate::report(&attributes, route) {
        let place = violation.attribute().and_then(|at| places.get(at).copied());
        violations.extend(place.map(|place| (place, violation)));
    }
    violations.sort_by_key(|(place, _)| place.at);
    violations
}
