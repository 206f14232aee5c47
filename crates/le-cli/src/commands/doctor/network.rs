//! Name lookup, connection, TLS and the clock, each for itself.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, StatusCode, header};
use le_auth::settings::Field;
use le_core::transport::{Cause, Phase, TransportError};
use le_core::{BaseUri, Timestamp};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;

use super::report::{Check, Report};
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::settings::Settings;

/// How long each step may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// OAuth 1.0a signatures are refused beyond about five minutes; differences far below that are worth a word.
const SKEW_WARN: Duration = Duration::from_secs(30);
const SKEW_FAIL: Duration = Duration::from_secs(300);

/// Whether the Domain API can be asked.
pub(super) async fn examine(settings: &Settings, report: &mut Report) -> Result<bool> {
    let base = match bootstrap(settings) {
        Ok(base) => base,
        Err(failure) => {
            report.add(Check::failed("name lookup", failure))?;
            report.skip(&["connection", "TLS", "clock"])?;
            return Ok(false);
        }
    };
    if let Some(proxy) = proxy(settings, &base) {
        report.add(Check::fine("name lookup", format!("left to the proxy of {proxy}")))?;
    } else {
        let Some(addresses) = lookup(&base, report).await? else {
            report.skip(&["connection", "TLS", "clock"])?;
            return Ok(false);
        };
        if !connect(&base, &addresses, report).await? {
            report.skip(&["TLS", "clock"])?;
            return Ok(false);
        }
    }
    exchange(settings, &base, report).await
}

/// Who says that a proxy is used, where one is.
fn proxy(settings: &Settings, base: &BaseUri) -> Option<String> {
    const VARIABLES: [&str; 4] = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
    if let Some(origin) = settings.origin(Field::Proxy) {
        return Some(origin);
    }
    let variable = VARIABLES
        .into_iter()
        .find(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()));
    variable.filter(|_| !base.is_loopback()).map(str::to_owned)
}

/// The host of the Domain API.
fn bootstrap(settings: &Settings) -> Result<BaseUri> {
    if let Some(host) = settings.domain_host() {
        return BaseUri::new(host).map_err(|e| {
            Failure::from(e)
                .in_settings()
                .while_("the host of the Domain API cannot be used")
        });
    }
    let client = settings.client()?.build()?;
    Ok(settings.domain(&client)?.bootstrap().clone())
}

async fn lookup(base: &BaseUri, report: &mut Report) -> Result<Option<Vec<SocketAddr>>> {
    let host = base.host().trim_matches(['[', ']']).to_owned();
    let cause = match timeout(PATIENCE, lookup_host((host.as_str(), base.port()))).await {
        Ok(Ok(found)) => {
            let addresses: Vec<SocketAddr> = found.collect();
            if let Some(first) = addresses.first() {
                report.add(Check::fine("name lookup", format!("{host} is {}", first.ip())))?;
                return Ok(Some(addresses));
            }
            "the name has no address".to_owned()
        }
        Ok(Err(e)) => e.to_string(),
        Err(_) => "no answer in time".to_owned(),
    };
    let failure = Failure::new(Exit::Network, format!("{host} cannot be looked up"))
        .because(cause)
        .advise("check the host name, this machine's DNS, and whether a proxy is needed (--proxy, HTTPS_PROXY)");
    report.add(Check::failed("name lookup", failure))?;
    Ok(None)
}

async fn connect(base: &BaseUri, addresses: &[SocketAddr], report: &mut Report) -> Result<bool> {
    let mut cause = String::new();
    for address in addresses {
        match timeout(PATIENCE, TcpStream::connect(address)).await {
            Ok(Ok(_)) => {
                report.add(Check::fine("connection", format!("{address} answers")))?;
                return Ok(true);
            }
            Ok(Err(e)) => cause = format!("{address}: {e}"),
            Err(_) => cause = format!("{address}: no answer in time"),
        }
    }
    let failure = Failure::new(Exit::Network, format!("no connection to {}", base.as_authority()))
        .because(cause)
        .advise("check the network, the firewall, and whether a proxy is needed (--proxy, HTTPS_PROXY)");
    report.add(Check::failed("connection", failure))?;
    Ok(false)
}

/// One answer of the Domain API: it took a TLS connection, and its `Date` shows the clock.
async fn exchange(settings: &Settings, base: &BaseUri, report: &mut Report) -> Result<bool> {
    let transport = match settings.transport() {
        Ok(transport) => transport,
        // It was reported with the certificates.
        Err(_) => {
            report.skip(&["TLS", "clock"])?;
            return Ok(false);
        }
    };
    let request = Request::get(format!("{base}/"))
        .header(header::ACCEPT, "application/json")
        .body(Bytes::new());
    let request =
        request.map_err(|e| Failure::new(Exit::Unexpected, "a request could not be made").because(e.to_string()))?;
    let begun = Timestamp::now();
    let answer = match timeout(PATIENCE * 2, transport.execute(request)).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(error)) => return refused(base, &error, report),
        Err(_) => return refused(base, &TransportError::new(Phase::Exchange, Cause::Timeout), report),
    };
    report.add(if base.is_plain() {
        Check::doubtful(
            "TLS",
            "not used: plain http",
            "fine for the simulator; LivePerson's hosts are always called over TLS",
        )
    } else {
        Check::fine("TLS", "the certificate of the host is trusted, TLS 1.2 or newer")
    })?;
    if answer.status() == StatusCode::PROXY_AUTHENTICATION_REQUIRED {
        let failure = Failure::new(Exit::Network, "the proxy asks for a login")
            .advise("give http://user:password@host:port in LE_PROXY");
        report.add(Check::failed("connection", failure))?;
        return Ok(false);
    }
    let date = answer
        .headers()
        .get(header::DATE)
        .and_then(|value| value.to_str().ok()?.parse().ok());
    report.add(clock(date, begun, Timestamp::now()))?;
    Ok(true)
}

fn refused(base: &BaseUri, error: &TransportError, report: &mut Report) -> Result<bool> {
    let advice = match error.cause() {
        Cause::Certificate => {
            "if a company proxy or the simulator made the certificate, give its certificate authority with --ca-file or LE_CA_FILE; \
             never turn verification off"
        }
        Cause::Tls => {
            "the host must speak TLS 1.2 or newer; check that the port is one for TLS and that no proxy is in between"
        }
        Cause::Timeout => "check the firewall and the proxy settings",
        _ => "check the port, the firewall and the proxy settings",
    };
    let mut failure = Failure::new(
        Exit::Network,
        format!("no secure connection to {}: {error}", base.as_authority()),
    )
    .advise(advice);
    let mut cause = std::error::Error::source(error);
    while let Some(next) = cause {
        // The innermost cause is the one that tells.
        if next.source().is_none() {
            failure = failure.because(next.to_string());
        }
        cause = next.source();
    }
    report.add(Check::failed("TLS", failure))?;
    report.skip(&["clock"])?;
    Ok(false)
}

/// Compares the clocks. `Date` has whole seconds, and the answer took its time.
fn clock(date: Option<Timestamp>, begun: Timestamp, ended: Timestamp) -> Check {
    let Some(date) = date else {
        return Check::doubtful(
            "clock",
            "the answer has no Date, so the clock cannot be compared",
            "compare it with a time server",
        );
    };
    let date = date.as_millis();
    let ahead = match () {
        () if date + 1000 < begun.as_millis() => date + 1000 - begun.as_millis(),
        () if date > ended.as_millis() => date - ended.as_millis(),
        () => 0,
    };
    let size = Duration::from_millis(ahead.unsigned_abs());
    let what = format!(
        "this machine's clock is {:.0} s {}",
        size.as_secs_f64(),
        if ahead > 0 { "behind" } else { "ahead" }
    );
    let advice = "set the clock, e.g. with NTP: signatures of API keys (OAuth 1.0a) are refused where it is wrong";
    if size >= SKEW_FAIL {
        Check::failed("clock", Failure::configuration(what).advise(advice))
    } else if size >= SKEW_WARN {
        Check::doubtful("clock", what, advice)
    } else {
        Check::fine("clock", "agrees with LivePerson's")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(date: i64, begun: i64, ended: i64) -> String {
        format!(
            "{:?}",
            clock(
                Some(Timestamp::from_millis(date)),
                Timestamp::from_millis(begun),
                Timestamp::from_millis(ended)
            )
        )
    }

    #[test]
    fn the_way_of_the_answer_and_whole_seconds_are_no_skew() {
        assert!(found(10_000, 10_900, 11_500).contains("agrees"));
        assert!(
            found(40_000, 10_000, 11_000).contains("29 s behind") || found(40_000, 10_000, 11_000).contains("agrees")
        );
        assert!(found(100_000, 10_000, 11_000).contains("89 s behind"));
        let failed = found(1_000_000, 2_000_000, 2_000_100);
        assert!(failed.contains("Failed") && failed.contains("999 s ahead"), "{failed}");
    }
}
