//! OAuth 1.0a signatures with HMAC-SHA1 (RFC 5849 §3.4).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use hmac::{Hmac, Mac as _};
use http::header::CONTENT_TYPE;
use http::{Request, Uri};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode, utf8_percent_encode};
use sha1::Sha1;

/// Unreserved characters of RFC 3986; all others are encoded.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

pub(super) fn encode(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

/// Encoded bytes: a value that is not UTF-8 is signed as the bytes it stands for.
fn encode_bytes(bytes: &[u8]) -> String {
    percent_encoding::percent_encode(bytes, RESERVED).to_string()
}

/// The signature of `request` with these `oauth_*` parameters.
pub(super) fn sign(request: &Request<Bytes>, oauth: &[(&str, &str)], secret: &str, token_secret: &str) -> String {
    let key = format!("{}&{}", encode(secret), encode(token_secret));
    #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
    let mut mac = Hmac::<Sha1>::new_from_slice(key.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(base_string(request, oauth).as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}

/// Method, base URI and parameters, each encoded and joined by `&`.
pub(super) fn base_string(request: &Request<Bytes>, oauth: &[(&str, &str)]) -> String {
    let method = request.method().as_str().to_ascii_uppercase();
    let parameters = parameters(request, oauth);
    format!("{method}&{}&{}", encode(&base_uri(request.uri())), encode(&parameters))
}

/// Parameters of the query, of a form body and of the header, encoded, sorted by bytes and joined.
pub(super) fn parameters(request: &Request<Bytes>, oauth: &[(&str, &str)]) -> String {
    let query = request.uri().query().unwrap_or_default().as_bytes();
    let body: &[u8] = if is_form(request) { request.body() } else { &[] };
    let mut pairs: Vec<(String, String)> = form_pairs(query)
        .chain(form_pairs(body))
        .chain(oauth.iter().map(|(name, value)| (encode(name), encode(value))))
        .collect();
    pairs.sort();
    let pairs: Vec<String> = pairs
        .into_iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    pairs.join("&")
}

/// A JSON body is not signed, a form is.
fn is_form(request: &Request<Bytes>) -> bool {
    let kind = request
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    kind.is_some_and(|kind| {
        let essence = kind.split(';').next().unwrap_or_default().trim();
        essence.eq_ignore_ascii_case("application/x-www-form-urlencoded")
    })
}

/// Decodes pairs as a form has them (a plus is a space) and encodes them as the signature wants them.
fn form_pairs(text: &[u8]) -> impl Iterator<Item = (String, String)> + '_ {
    text.split(|byte| *byte == b'&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let cut = pair.iter().position(|byte| *byte == b'=');
            let (name, value) = cut.map_or((pair, &[][..]), |cut| (&pair[..cut], &pair[cut + 1..]));
            (recode(name), recode(value))
        })
}

fn recode(part: &[u8]) -> String {
    let spaced: Vec<u8> = part
        .iter()
        .map(|byte| if *byte == b'+' { b' ' } else { *byte })
        .collect();
    let decoded: Vec<u8> = percent_decode(&spaced).collect();
    encode_bytes(&decoded)
}

/// Scheme and host in lower case, a port that is not the scheme's own, the path as sent; no query.
fn base_uri(uri: &Uri) -> String {
    let scheme = uri.scheme_str().unwrap_or("https").to_ascii_lowercase();
    let host = uri.host().unwrap_or_default().to_ascii_lowercase();
    let usual = if scheme == "https" { 443 } else { 80 };
    let port = match uri.port_u16() {
        Some(port) if port != usual => format!(":{port}"),
        _ => String::new(),
    };
    let path = if uri.path().is_empty() { "/" } else { uri.path() };
    format!("{scheme}://{host}{port}{path}")
}

#[cfg(test)]
#[path = "signature_tests.rs"]
mod tests;
