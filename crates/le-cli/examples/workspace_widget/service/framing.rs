//! The page, and who may frame it.

use http::HeaderValue;

const PAGE: &str = include_str!("../page/index.html");

/// The page with the script of the SDK, and the policy that the browser holds it to.
pub(crate) struct Framing {
    page: String,
    policy: HeaderValue,
}

impl Framing {
    /// `sdk` is the script's address, `ancestors` who may frame the page, separated by spaces.
    pub(crate) fn new(sdk: &str, ancestors: &str) -> Result<Self, String> {
        let is_source = |text: &str| {
            let allowed = |c: char| c.is_ascii_alphanumeric() || ":/.-_*[]'".contains(c);
            !text.is_empty() && text.chars().all(allowed)
        };
        if !is_source(sdk) {
            return Err("the address of the SDK's script holds more than an address".to_owned());
        }
        if ancestors.split(' ').any(|source| !is_source(source)) {
            return Err("frame ancestors are origins, separated by one space".to_owned());
        }
        let policy = format!(
            "default-src 'none'; script-src 'self' {}; style-src 'self'; connect-src 'self'; base-uri 'none'; \
             form-action 'none'; frame-ancestors {ancestors}",
            origin(sdk)
        );
        Ok(Self {
            page: PAGE.replace("{{sdk}}", sdk),
            policy: HeaderValue::from_str(policy.trim()).map_err(|error| error.to_string())?,
        })
    }

    pub(crate) fn page(&self) -> String {
        self.page.clone()
    }

    pub(crate) fn policy(&self) -> HeaderValue {
        self.policy.clone()
    }
}

/// Scheme and host of an address; nothing for a path of our own.
fn origin(address: &str) -> &str {
    let Some((scheme, rest)) = address.split_once("://") else {
        return "";
    };
    let host = rest.split('/').next().unwrap_or_default();
    &address[..scheme.len() + 3 + host.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_names_the_script_and_the_ancestors_and_nothing_can_be_smuggled_in() {
        let framing = Framing::new(
            "https://sdk.example/a/b.js",
            "https://*.liveperson.net https://x.example",
        )
        .unwrap();
        let policy = framing.policy();
        let policy = policy.to_str().unwrap();
        assert!(policy.contains("script-src 'self' https://sdk.example;"), "{policy}");
        assert!(
            policy.ends_with("frame-ancestors https://*.liveperson.net https://x.example"),
            "{policy}"
        );
        assert!(framing.page().contains("src=\"https://sdk.example/a/b.js\""));
        for (sdk, ancestors) in [
            ("/x.js", "https://a; script-src *"),
            ("/x.js", ""),
            ("/x.js\"><script>", "'self'"),
            ("", "'self'"),
            ("/x.js", "https://a\nx: y"),
        ] {
            assert!(Framing::new(sdk, ancestors).is_err(), "{sdk} {ancestors}");
        }
    }
}
