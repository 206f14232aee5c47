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

#[cfg(test)]
mod tests {
    use opentelemetry_semantic_conventions::{attribute, metric};

    #[test]
    fn the_names_are_opentelemetrys() {
        for (ours, theirs) in [
            (super::METHOD, attribute::HTTP_REQUEST_METHOD),
            (super::STATUS, attribute::HTTP_RESPONSE_STATUS_CODE),
            (super::RESEND_COUNT, attribute::HTTP_REQUEST_RESEND_COUNT),
            (super::ADDRESS, attribute::SERVER_ADDRESS),
            (super::PORT, attribute::SERVER_PORT),
            (super::TEMPLATE, attribute::URL_TEMPLATE),
            (super::ERROR_TYPE, attribute::ERROR_TYPE),
            (super::BODY_SIZE, attribute::HTTP_RESPONSE_BODY_SIZE),
            (super::ATTEMPT_DURATION, metric::HTTP_CLIENT_REQUEST_DURATION),
        ] {
            assert_eq!(ours, theirs);
        }
    }
}
