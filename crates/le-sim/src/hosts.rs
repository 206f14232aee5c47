//! Host names: which belong to the vendor, which are the simulator's own.

/// Domains under which the vendor serves its APIs. A stand-in proxy answers for hosts under them and for no others.
pub const VENDOR_DOMAINS: &[&str] = &["liveperson.net", "liveperson.com", "lpsnmedia.net"];

/// The data centre prefix of base URIs given to clients that believe to talk to the vendor (`va` is US, Virginia).
const REGION: &str = "va";

/// Whether `host` (no port) is one of the vendor's.
pub(crate) fn is_vendor(host: &str) -> bool {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    VENDOR_DOMAINS.iter().any(|domain| {
        host.strip_suffix(domain)
            .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    })
}

/// Whether `host` (no port) means this machine.
pub(crate) fn is_loopback(host: &str) -> bool {
    matches!(
        host.trim_matches(['[', ']']).to_ascii_lowercase().as_str(),
        "localhost" | "127.0.0.1" | "::1"
    )
}

/// The base URI that a client of the real account would be given for `service`.
pub(crate) fn vendor_base_uri(service: &str) -> String {
    format!("{REGION}.{}.liveperson.net", service.to_ascii_lowercase())
}

/// Splits an authority into host and port. An IPv6 host keeps its brackets.
pub(crate) fn split_authority(authority: &str) -> (&str, Option<u16>) {
    let without_user = authority.rsplit_once('@').map_or(authority, |(_, rest)| rest);
    match without_user.rsplit_once(':') {
        Some((host, port)) if !host.is_empty() && (host.ends_with(']') || !host.contains(':')) => {
            (host, port.parse().ok())
        }
        _ => (without_user, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_labels_make_a_vendor_host() {
        for host in [
            "api.liveperson.net",
            "LO.da.LivePerson.net",
            "accdn.lpsnmedia.net",
            "liveperson.com",
            "a.liveperson.net.",
        ] {
            assert!(is_vendor(host), "{host}");
        }
        for host in [
            "evil-liveperson.net",
            "liveperson.net.example.org",
            "example.org",
            "net",
            "",
        ] {
            assert!(!is_vendor(host), "{host}");
        }
    }

    #[test]
    fn authorities_come_apart() {
        assert_eq!(split_authority("api.liveperson.net"), ("api.liveperson.net", None));
        assert_eq!(split_authority("localhost:8443"), ("localhost", Some(8443)));
        assert_eq!(split_authority("[::1]:80"), ("[::1]", Some(80)));
        assert_eq!(split_authority("[::1]"), ("[::1]", None));
        assert_eq!(split_authority("user:secret@localhost:1"), ("localhost", Some(1)));
    }
}
