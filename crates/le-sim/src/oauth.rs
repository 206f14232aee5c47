//! Verification of OAuth 1.0a signatures (RFC 5849, HMAC-SHA1, parameters in the `Authorization` header).

use std::collections::{HashMap, VecDeque};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, Mac as _};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use sha1::Sha1;
use subtle::ConstantTimeEq as _;

/// Everything but the unreserved characters of RFC 3986.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// How many seconds a timestamp may differ from the simulator's clock. The vendor publishes no figure.
pub(crate) const TIMESTAMP_WINDOW_S: i64 = 300;

/// Why a signed request is refused, in the words of the OAuth problem reporting extension.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    /// `oauth_problem`.
    pub(crate) problem: &'static str,
    /// `oauth_problem_advice`.
    pub(crate) advice: String,
}

impl Problem {
    pub(crate) fn new(problem: &'static str, advice: impl Into<String>) -> Self {
        Self {
            problem,
            advice: advice.into(),
        }
    }

    /// The form-encoded text that stands in the body of the 401.
    pub(crate) fn body(&self) -> String {
        format!(
            "oauth_problem={}&oauth_problem_advice={}",
            self.problem,
            encode(&self.advice)
        )
    }
}

/// The parts of a request that its signature covers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SignedRequest<'a> {
    pub(crate) method: &'a str,
    /// `http` or `https`.
    pub(crate) scheme: &'a str,
    /// The `Host` header as sent.
    pub(crate) authority: &'a str,
    /// The path as sent, still percent-encoded.
    pub(crate) path: &'a str,
    /// The query as sent, without the question mark.
    pub(crate) query: &'a str,
    /// The body, if it is a form; a JSON body is not signed.
    pub(crate) form: &'a str,
}

/// The `oauth_*` parameters of an `Authorization: OAuth` header, decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// Reads a header value. `None` if it is not of the OAuth scheme.
    pub(crate) fn parse(header: &str) -> Option<Self> {
        let (scheme, rest) = header.trim_start().split_once(char::is_whitespace)?;
        scheme.eq_ignore_ascii_case("oauth").then(|| {
            Self(
                rest.split(',')
                    .filter_map(|pair| pair.trim().split_once('='))
                    .map(|(name, value)| (decode(name.trim()), decode(value.trim().trim_matches('"'))))
                    .collect(),
            )
        })
    }

    /// The one value of a required parameter.
    pub(crate) fn require(&self, name: &str) -> Result<&str, Problem> {
        let mut values = self
            .0
            .iter()
            .filter(|(key, _)| key == name)
            .map(|(_, value)| value.as_str());
        match (values.next(), values.next()) {
            (Some(value), None) if !value.is_empty() => Ok(value),
            (Some(_), Some(_)) => Err(Problem::new(
                "parameter_rejected",
                format!("{name} occurs more than once"),
            )),
            _ => Err(Problem::new(
                "parameter_absent",
                format!("{name} is missing from the Authorization header"),
            )),
        }
    }

    /// Checks what can be checked without a key: version, method, timestamp. Returns the timestamp.
    pub(crate) fn check_form(&self, now_ms: i64, window_s: i64) -> Result<i64, Problem> {
        if self
            .0
            .iter()
            .any(|(name, value)| name == "oauth_version" && value != "1.0")
        {
            return Err(Problem::new("version_rejected", "oauth_version must be 1.0"));
        }
        let method = self.require("oauth_signature_method")?;
        if method != "HMAC-SHA1" {
            let advice = format!("signature method {method:?} is not supported, use HMAC-SHA1");
            return Err(Problem::new("signature_method_rejected", advice));
        }
        let timestamp: i64 = self.require("oauth_timestamp")?.parse().map_err(|_| {
            Problem::new(
                "parameter_rejected",
                "oauth_timestamp must be whole seconds since 1970 UTC",
            )
        })?;
        let skew = now_ms.div_euclid(1_000).saturating_sub(timestamp);
        if skew.saturating_abs() > window_s {
            let advice =
                format!("timestamp is {skew} s from the server time, {window_s} s are accepted; correct the clock");
            return Err(Problem::new("timestamp_refused", advice));
        }
        Ok(timestamp)
    }

    /// Compares the signature with the one that `secret` and `token_secret` make of `request`.
    pub(crate) fn check_signature(
        &self,
        request: SignedRequest<'_>,
        secret: &str,
        token_secret: &str,
    ) -> Result<(), Problem> {
        let base = base_string(request, &self.0);
        let expected = sign(&base, secret, token_secret);
        let given = self.require("oauth_signature")?;
        if bool::from(expected.as_bytes().ct_eq(given.as_bytes())) {
            return Ok(());
        }
        Err(Problem::new(
            "signature_invalid",
            format!("the signature does not match the base string {base}"),
        ))
    }
}

/// The signature base string of RFC 5849 §3.4.1.
pub(crate) fn base_string(request: SignedRequest<'_>, oauth: &[(String, String)]) -> String {
    let mut pairs: Vec<(String, String)> = form_pairs(request.query)
        .chain(form_pairs(request.form))
        .chain(
            oauth
                .iter()
                .filter(|(name, _)| name != "oauth_signature" && name != "realm")
                .cloned(),
        )
        .map(|(name, value)| (encode(&name), encode(&value)))
        .collect();
    pairs.sort();
    let parameters = pairs
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect::<Vec<_>>()
        .join("&");
    let uri = base_uri(request);
    format!(
        "{}&{}&{}",
        request.method.to_ascii_uppercase(),
        encode(&uri),
        encode(&parameters)
    )
}

/// The base64 HMAC-SHA1 signature of a base string.
pub(crate) fn sign(base: &str, secret: &str, token_secret: &str) -> String {
    let key = format!("{}&{}", encode(secret), encode(token_secret));
    // An HMAC takes keys of any length, so there is no failure to report; an empty tag would match nothing.
    Hmac::<Sha1>::new_from_slice(key.as_bytes()).map_or_else(
        |_| String::new(),
        |mut mac| {
            mac.update(base.as_bytes());
            STANDARD.encode(mac.finalize().into_bytes())
        },
    )
}

/// Scheme and host in lower case, the port unless it is the scheme's own, the path as sent.
fn base_uri(request: SignedRequest<'_>) -> String {
    let authority = request.authority.to_ascii_lowercase();
    let default_port = if request.scheme.eq_ignore_ascii_case("https") {
        ":443"
    } else {
        ":80"
    };
    let authority = authority.strip_suffix(default_port).unwrap_or(&authority);
    let path = if request.path.is_empty() { "/" } else { request.path };
    format!("{}://{authority}{path}", request.scheme.to_ascii_lowercase())
}

/// Decodes `application/x-www-form-urlencoded` pairs: a plus is a space.
pub(crate) fn form_pairs(text: &str) -> impl Iterator<Item = (String, String)> + '_ {
    text.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decode(&name.replace('+', " ")), decode(&value.replace('+', " ")))
    })
}

fn encode(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

fn decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// The nonces seen within the timestamp window, so that a recorded request cannot be sent again.
#[derive(Debug, Default)]
pub(crate) struct Nonces {
    seen: HashMap<(String, String), i64>,
    order: VecDeque<(i64, (String, String))>,
}

impl Nonces {
    /// Remembers a nonce of a key until `now_ms` has passed its window; refuses one that is remembered already.
    pub(crate) fn accept(&mut self, key: &str, nonce: &str, now_ms: i64, window_s: i64) -> Result<(), Problem> {
        // A timestamp may lie one window ahead, so a nonce can be replayed for two windows after it came.
        let keep_ms = window_s.saturating_mul(2_000);
        while let Some((at, _)) = self.order.front()
            && now_ms.saturating_sub(*at) > keep_ms
        {
            if let Some((_, old)) = self.order.pop_front() {
                self.seen.remove(&old);
            }
        }
        let entry = (key.to_owned(), nonce.to_owned());
        if self.seen.contains_key(&entry) {
            return Err(Problem::new(
                "nonce_used",
                "this nonce was sent before; make a new one for each attempt",
            ));
        }
        self.seen.insert(entry.clone(), now_ms);
        self.order.push_back((now_ms, entry));
        Ok(())
    }

    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests;
