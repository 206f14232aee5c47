//! The snippets of the repository's README, as documentation tests: `cargo test -p example-readme`.
//!
//! They stand in a package of their own since they need most crates at once, and no published package can reach a file outside of
//! itself.
#![cfg_attr(doctest, doc = include_str!("../../../README.md"))]
