//! The snippets of the repository's README and of its pages, as documentation tests: `cargo test -p example-readme`.
//!
//! They stand in a package of their own since they need most crates at once, and no published package can reach a file outside of
//! itself.

#[cfg(doctest)]
mod pages {
    #[doc = include_str!("../../../README.md")]
    struct Readme;

    #[doc = include_str!("../../../docs/attributes.md")]
    struct Attributes;

    #[doc = include_str!("../../../docs/bots.md")]
    struct Bots;
}
