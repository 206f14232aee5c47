//! The names, as constants. <https://opentelemetry.io/docs/specs/semconv/http/>

/// `http.request.method`.
pub const METHOD: &str = "http.request.method";
/// `http.response.status_code`.
pub const STATUS: &str = "http.response.status_code";
/// `http.request.resend_count`: 0 for the first attempt.
pub const RESEND_COUNT: &str = "http.request.resend_count";
/// `server.address`.
pub const ADDRESS: &str = "server.address";
/// `server.port`.
pub const PORT: &str = "server.port";
/// `url.template`: the path with its parameters in braces.
pub const TEMPLATE: &str = "url.template";
/// `error.type`: see [`ErrorKind::as_str`](crate::ErrorKind::as_str).
pub const ERROR_TYPE: &str = "error.type";
/// `http.response.body.size`.
pub const BODY_SIZE: &str = "http.response.body.size";
/// The catalogue id of the operation.
pub const OPERATION: &str = "liveperson.operation";
/// The service name.
pub const SERVICE: &str = "liveperson.service";
/// The account id.
pub const ACCOUNT: &str = "liveperson.account";
/// Histogram of seconds for each attempt.
pub const ATTEMPT_DURATION: &str = "http.client.request.duration";
/// Counter of retries.
pub const RETRIES: &str = "liveperson.client.retries";
/// Histogram of seconds for each call, with attempts and pauses.
pub const CALL_DURATION: &str = "liveperson.client.call.duration";
