//! `le domain`: where an account's services are.

use clap::Args;
use serde_json::json;

use crate::cli::Global;
use crate::exit::Exit;
use crate::failure::Result;
use crate::output::{Output, table};
use crate::settings::Settings;

const LONG_ABOUT: &str = "\
Asks the Domain API (CSDS) for the hosts of the account's services: all of them as a table, or one as plain text for scripts. \
No credential is needed.";

const EXAMPLES: &str = "\
Examples:
  le domain                                    all services
  le domain msgHist                            one host, e.g. lo.msghist.liveperson.net
  curl \"https://$(le domain smt)/...\"
  le domain --json | jq -r .services.agentVep";

/// The flags of `le domain`.
#[derive(Debug, Args)]
#[command(about = "Shows the hosts of an account's services", long_about = LONG_ABOUT, after_long_help = EXAMPLES)]
pub(crate) struct DomainFlags {
    /// The service, e.g. msgHist; upper and lower case matter
    service: Option<String>,
}

pub(crate) async fn run(flags: &DomainFlags, global: &Global, output: Output) -> Result<Exit> {
    let settings = Settings::resolve(global)?;
    let domain = settings.domain(&settings.client()?.build()?)?;
    if let Some(service) = &flags.service {
        let base = domain.service(service.as_str()).await?;
        if output.is_json() {
            output.json(&json!({
                "account": settings.account()?.as_str(), "service": service, "baseURI": base.as_authority(),
            }))?;
        } else {
            output.line(base.as_authority())?;
        }
        return Ok(Exit::Ok);
    }
    let services = domain.all().await?;
    for skipped in services.skipped() {
        let name = skipped
            .service
            .as_ref()
            .map_or("an entry without a name", |name| name.as_str());
        output.note(format_args!("{name} is left out: {}", skipped.reason.message()));
    }
    let mut known: Vec<(&str, &str)> = services
        .iter()
        .map(|(name, base)| (name.as_str(), base.as_authority()))
        .collect();
    known.sort_unstable();
    if output.is_json() {
        let services: serde_json::Map<String, serde_json::Value> = known
            .iter()
            .map(|(name, base)| ((*name).to_owned(), json!(base)))
            .collect();
        output.json(&json!({
            "account": settings.account()?.as_str(), "bootstrap": domain.bootstrap().as_authority(), "services": services,
        }))?;
    } else {
        let rows = known
            .iter()
            .map(|(name, base)| [(*name).to_owned(), (*base).to_owned()]);
        output.line(table(["SERVICE", "HOST"], rows).trim_fmt())?;
    }
    Ok(if services.skipped().is_empty() {
        Exit::Ok
    } else {
        Exit::Data
    })
}
