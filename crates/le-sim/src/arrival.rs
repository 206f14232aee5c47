//! How a request came in, as far as the path does not say it.

use http::{Request, Uri, header::HOST, uri::PathAndQuery};

use crate::{hosts, wire::ConnectionHandle, world::World};

/// The way a request came in. It stands in the extensions of each request.
#[derive(Debug, Clone)]
pub(crate) struct Arrival {
    /// `http` or `https`, as the client believes.
    pub(crate) scheme: &'static str,
    /// Host and port as the client named them.
    pub(crate) authority: String,
    /// The path as sent, before slashes were tidied.
    pub(crate) path: String,
    /// Whether it came through the stand-in proxy.
    pub(crate) proxied: bool,
    /// The connection it came on.
    pub(crate) connection: ConnectionHandle,
}

impl Arrival {
    /// Reads the way of a request, and tidies its target: scheme and host are taken off, repeated and trailing slashes go.
    pub(crate) fn of<B>(
        request: &mut Request<B>,
        scheme: &'static str,
        proxied: bool,
        connection: ConnectionHandle,
    ) -> Self {
        // The Host header and not the target decides: it is what clients build the base string of a signature from.
        let authority = request
            .headers()
            .get(HOST)
            .and_then(|host| host.to_str().ok())
            .or_else(|| request.uri().authority().map(http::uri::Authority::as_str))
            .unwrap_or_default()
            .to_owned();
        let path = request.uri().path().to_owned();
        if request.uri().scheme().is_some() || path.contains("//") || (path.len() > 1 && path.ends_with('/')) {
            *request.uri_mut() = tidied(&path, request.uri().query());
        }
        Self {
            scheme,
            authority,
            path,
            proxied,
            connection,
        }
    }

    /// The base URI that this client is told for a service: the place where it reached the simulator, or, for one that
    /// believes to talk to the vendor, a host of the vendor.
    pub(crate) fn base_uri(&self, world: &World, service: &str) -> String {
        let (host, port) = hosts::split_authority(&self.authority);
        if self.proxied && hosts::is_vendor(host) {
            return hosts::vendor_base_uri(service);
        }
        let own = if self.scheme == "https" {
            world.addresses.tls
        } else {
            None
        }
        .unwrap_or(world.addresses.plain);
        let known = hosts::is_loopback(host) || world.names.iter().any(|name| name.eq_ignore_ascii_case(host));
        if known && port == Some(own.port()) && !self.proxied {
            self.authority.clone()
        } else {
            format!("localhost:{}", own.port())
        }
    }

    /// Scheme and authority as the client named them, for links.
    pub(crate) fn origin(&self) -> String {
        format!("{}://{}", self.scheme, self.authority)
    }
}

fn tidied(path: &str, query: Option<&str>) -> Uri {
    let mut tidy = String::with_capacity(path.len());
    for segment in path.split('/').filter(|segment| !segment.is_empty()) {
        tidy.push('/');
        tidy.push_str(segment);
    }
    if tidy.is_empty() {
        tidy.push('/');
    }
    if let Some(query) = query {
        tidy.push('?');
        tidy.push_str(query);
    }
    // What was a path stays one when slashes are taken away.
    tidy.parse::<PathAndQuery>()
        .map_or_else(|_| Uri::from_static("/"), Uri::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arrival(target: &str, host: &str) -> (Arrival, String) {
        let mut request = Request::builder().uri(target).header(HOST, host).body(()).unwrap();
        let arrival = Arrival::of(&mut request, "http", false, ConnectionHandle::default());
        (arrival, request.uri().to_string())
    }

    #[test]
    fn targets_are_tidied_and_the_sent_path_is_kept() {
        let (one, uri) = arrival(
            "http://api.liveperson.net//api///account/1/?v=1&x=/a//",
            "api.liveperson.net",
        );
        assert_eq!(uri, "/api/account/1?v=1&x=/a//");
        assert_eq!(one.path, "//api///account/1/");
        assert_eq!(one.origin(), "http://api.liveperson.net");
        assert_eq!(arrival("/", "x").1, "/");
        assert_eq!(arrival("/a/b", "x").1, "/a/b");
    }
}
