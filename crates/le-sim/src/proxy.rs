//! The stand-in proxy: a client that is told to use it believes to talk to the vendor's hosts.

use axum::{body::Body, response::Response};
use http::{Request, StatusCode, Uri};
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;

use crate::{
    answer, hosts,
    server::{Server, Way},
    world::World,
};

/// Why a plain request to the proxy is not served; `None` if it is.
pub(crate) fn refusal(world: &World, target: &Uri) -> Option<Response> {
    match target.authority() {
        Some(authority) => refused_host(world, authority.as_str()),
        None if target.path() == "/_sim" || target.path().starts_with("/_sim/") => None,
        None => Some(answer::text(
            StatusCode::BAD_REQUEST,
            "this port is a proxy: name the host in the target (GET http://host/path) or open a tunnel (CONNECT)\n",
        )),
    }
}

fn refused_host(world: &World, authority: &str) -> Option<Response> {
    let (host, _) = hosts::split_authority(authority);
    let served = hosts::is_vendor(host)
        || hosts::is_loopback(host)
        || world.names.iter().any(|name| name.eq_ignore_ascii_case(host));
    (!served).then(|| {
        answer::text(
            StatusCode::FORBIDDEN,
            format!(
                "le-sim stands in for hosts under {} and for itself; {host:?} is none of them and is not forwarded\n",
                hosts::VENDOR_DOMAINS.join(", ")
            ),
        )
    })
}

/// Answers CONNECT: the tunnel ends right here, with the simulator's own certificate.
pub(crate) fn tunnel(server: Server, mut request: Request<Incoming>, way: Way) -> Response {
    if !way.at_proxy {
        return answer::text(
            StatusCode::METHOD_NOT_ALLOWED,
            "this port is no proxy; start the simulator with one\n",
        );
    }
    let authority = request.uri().authority().map(ToString::to_string).unwrap_or_default();
    if let Some(refusal) = refused_host(&server.world, &authority) {
        return refusal;
    }
    let (_, port) = hosts::split_authority(&authority);
    let plain = port == Some(80) || port == Some(server.world.addresses.plain.port());
    let upgrade = hyper::upgrade::on(&mut request);
    let tasks = server.tasks.clone();
    tasks.spawn(async move {
        let Ok(upgraded) = upgrade.await else { return };
        let (io, way) = (TokioIo::new(upgraded), Way { at_proxy: false, ..way });
        if plain {
            server.http(io, way).await;
        } else {
            server.tls(io, way).await;
        }
    });
    Response::new(Body::empty())
}
