//! Defects of other clients, one test each: that this one does not have them is proved on the wire.
//!
//! Sources: the study of existing LiveEngage clients (its section on sockets), the sheet of the messaging protocol (what
//! `node-agent-sdk` does not do, and reports of its users), and the issues of twilight, a client of another service whose gateway
//! is much like this one.
//!
//! Some are defects of a single connection, and tested where that is, in `tests/connection`:
//!
//! | Defect | Test |
//! |---|---|
//! | pongs are not waited for | `endings::a_peer_that_answers_no_ping_is_dead` |
//! | no timeout for opening a socket, or for a request | `opening::a_server_that_says_nothing_is_given_up`, `requests::an_answer_after_its_time_is_not_lost` |
//! | a call while disconnected crashes | `endings::a_closed_connection_refuses_requests_without_a_panic` |
//! | what was under way when the socket closed is reported as timed out | `endings::every_close_code_reaches_the_owner_and_fails_what_was_under_way` |
//! | a timer for each request, which nobody cancels | `limits::a_thousand_requests_in_flight_share_one_timer` |
//! | no proxy for the socket | `opening::wss_goes_through_a_proxy_and_only_to_roots_that_are_trusted` |
//! | 429 is not handled | `limits::a_burst_of_429_is_waited_out_by_everybody` |
//! | a transfer that removes nobody is refused with "agent does not exist in conversation" (127) | `tasks::a_transfer_removes_whoever_has_the_conversation_in_the_same_request` |
//! | the bearer is written to logs | `tests/logs.rs` |
//!
//! Others are tested with what they belong to:
//!
//! | Defect | Test |
//! |---|---|
//! | participants that lack an id cannot be read (94) | `tests/simulator`: `variations::every_way_of_writing_that_servers_have_is_read_alike` |
//! | a handler that fails takes the process with it | `tests/bot`: `failures::a_panic_or_error_is_contained_and_what_it_kept_is_forgotten` |
//! | a process that is killed in the middle does things twice, or never | `tests/bot`: `killed`, and the simulation |
//! | a login answer that lacks a field is written to standard error with the bearer | `le-auth`: `tests/secrets.rs` |

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test stops where something is not as expected"
)]

#[path = "../support/mod.rs"]
mod support;

mod coming_back;
mod credentials;
mod limits;
mod rings;
mod stage;
mod wire;
