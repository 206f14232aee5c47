//! The object store behind file sharing: signed URLs, PUT and GET.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::{
    extract::{RawQuery, Request, State},
    response::Response,
};
use bytes::Bytes;
use hmac::{Hmac, Mac as _};
use http::{HeaderValue, Method, StatusCode};
use sha1::Sha1;
use subtle::ConstantTimeEq as _;

use super::engine::{Outcome, Refusal, Reply};
use crate::{
    account::{hexadecimal, uuid},
    answer, oauth,
    routing::read_body,
    world::World,
};

/// All files of an account.
pub(crate) struct Files {
    key: String,
    state: Mutex<Store>,
}

struct Store {
    random: fastrand::Rng,
    files: HashMap<String, Stored>,
}

/// A file that was announced, and its bytes once they came.
struct Stored {
    announced: u64,
    kind: String,
    bytes: Option<Bytes>,
}

impl Files {
    pub(crate) fn new(seed: u64) -> Self {
        let mut random = fastrand::Rng::with_seed(seed ^ 0xf17e);
        Self {
            key: hexadecimal(&mut random, 32),
            state: Mutex::new(Store {
                random,
                files: HashMap::new(),
            }),
        }
    }

    fn store(&self) -> MutexGuard<'_, Store> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn clear(&self) {
        self.store().files.clear();
    }

    /// How many files were uploaded.
    pub(crate) fn count(&self) -> usize {
        self.store().files.values().filter(|file| file.bytes.is_some()).count()
    }

    pub(crate) fn upload_url(&self, world: &World, size: u64, kind: &str) -> Outcome {
        let behaviour = world.behaviour();
        let rules = &behaviour.messaging.files;
        if !rules.enabled {
            return Err(Refusal::bad("File sharing is not enabled for this account"));
        }
        if !rules.kinds.iter().any(|known| known.eq_ignore_ascii_case(kind)) {
            return Err(Refusal::bad(format!(
                "fileType must be one of {}",
                rules.kinds.join(", ")
            )));
        }
        if size == 0 || size > rules.longest {
            return Err(Refusal::bad(format!("fileSize must be 1 to {} bytes", rules.longest)));
        }
        let mut store = self.store();
        let path = format!(
            "/v1/AUTH_async-images/{}/{}.{}",
            world.account.id,
            uuid(&mut store.random),
            kind.to_ascii_uppercase()
        );
        let announced = Stored {
            announced: size,
            kind: kind.to_ascii_uppercase(),
            bytes: None,
        };
        store.files.insert(path.clone(), announced);
        Ok(self.url(world, "PUT", path))
    }

    pub(crate) fn download_url(&self, world: &World, path: &str) -> Outcome {
        let there = self.store().files.get(path).is_some_and(|file| file.bytes.is_some());
        if !there {
            return Err(Refusal::bad("File does not exist"));
        }
        Ok(self.url(world, "GET", path.to_owned()))
    }

    /// Signed as OpenStack Swift signs its temporary URLs.
    fn url(&self, world: &World, method: &str, path: String) -> Reply {
        let lives = i64::try_from(world.behaviour().messaging.files.url_ms).unwrap_or(i64::MAX);
        let expires = (world.clock.now_ms().saturating_add(lives) / 1_000).to_string();
        let signature = self.signature(method, &expires, &path);
        Reply::Url {
            path,
            signature,
            expires,
        }
    }

    fn signature(&self, method: &str, expires: &str, path: &str) -> String {
        let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(self.key.as_bytes()) else {
            return String::new();
        };
        mac.update(format!("{method}\n{expires}\n{path}").as_bytes());
        mac.finalize()
            .into_bytes()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }

    /// Takes in a file that nobody uploaded, and signs its path for reading.
    pub(crate) fn host(&self, world: &World, kind: &str, bytes: Bytes) -> String {
        let kind = kind.to_ascii_uppercase();
        let path = {
            let mut store = self.store();
            let path = format!(
                "/v1/AUTH_async-images/{}/{}.{kind}",
                world.account.id,
                uuid(&mut store.random)
            );
            let file = Stored {
                announced: bytes.len() as u64,
                kind,
                bytes: Some(bytes),
            };
            store.files.insert(path.clone(), file);
            path
        };
        self.signed_get(world, &path, world.behaviour().messaging.files.url_ms)
    }

    /// The bytes of a file that was uploaded.
    pub(crate) fn bytes(&self, path: &str) -> Option<Bytes> {
        self.store().files.get(path).and_then(|file| file.bytes.clone())
    }

    /// Path and query by which whoever has them may read a path for a time.
    pub(crate) fn signed_get(&self, world: &World, path: &str, lives_ms: u64) -> String {
        let lives = i64::try_from(lives_ms).unwrap_or(i64::MAX);
        let expires = (world.clock.now_ms().saturating_add(lives) / 1_000).to_string();
        let signature = self.signature("GET", &expires, path);
        format!("{path}?temp_url_sig={signature}&temp_url_expires={expires}")
    }

    /// Whether the query allows the method on the path now.
    pub(crate) fn allows(&self, world: &World, method: &str, path: &str, query: &str) -> bool {
        let value = |wanted: &str| {
            oauth::form_pairs(query)
                .find(|(name, _)| name == wanted)
                .map(|(_, value)| value)
        };
        let (Some(signature), Some(expires)) = (value("temp_url_sig"), value("temp_url_expires")) else {
            return false;
        };
        let lives = expires
            .parse::<i64>()
            .is_ok_and(|at| at.saturating_mul(1_000) >= world.clock.now_ms());
        let expected = self.signature(method, &expires, path);
        lives && bool::from(expected.as_bytes().ct_eq(signature.as_bytes()))
    }
}

/// `PUT` and `GET /v1/{container}/{account}/{file}`.
pub(crate) async fn endpoint(State(world): State<Arc<World>>, RawQuery(query): RawQuery, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    let method = request.method().clone();
    let files = &world.messaging.files;
    if !files.allows(&world, method.as_str(), &path, query.as_deref().unwrap_or("")) {
        return answer::text(StatusCode::UNAUTHORIZED, "401 Unauthorized: Temp URL invalid\n");
    }
    if method == Method::PUT {
        let bytes = read_body(request).await;
        return put(files, &path, bytes);
    }
    let store = files.store();
    match store.files.get(&path) {
        Some(Stored {
            bytes: Some(bytes),
            kind,
            ..
        }) => {
            let content_type = match kind.as_str() {
                "PNG" => "image/png",
                "GIF" => "image/gif",
                "JPG" | "JPEG" => "image/jpeg",
                _ => "application/octet-stream",
            };
            answer::chunks(
                StatusCode::OK,
                HeaderValue::from_static(content_type),
                vec![bytes.clone()],
            )
        }
        _ => answer::text(StatusCode::NOT_FOUND, "404 Not Found\n"),
    }
}

fn put(files: &Files, path: &str, bytes: Bytes) -> Response {
    let mut store = files.store();
    let Some(file) = store.files.get_mut(path) else {
        return answer::text(StatusCode::NOT_FOUND, "404 Not Found\n");
    };
    if bytes.len() as u64 != file.announced {
        return answer::text(
            StatusCode::UNPROCESSABLE_ENTITY,
            format!("{} bytes were announced, {} came\n", file.announced, bytes.len()),
        );
    }
    file.bytes = Some(bytes);
    answer::empty(StatusCode::CREATED)
}
