//! The command line: what `cargo xtask --help` prints.

use std::ffi::OsString;

xflags::xflags! {
    /// The tasks of this repository.
    cmd xtask {
        /// Writes the generated code from `fixtures/catalogue/`.
        cmd codegen {
            /// Write nothing; fail where a committed file differs.
            optional --check
        }

        /// Recorded wire samples.
        cmd fixtures {
            /// Records the samples again, redacts them and writes them to `fixtures/responses/`.
            cmd refresh {
                /// Write nothing; fail where the recorded and the committed differ.
                optional --check
                /// Record against the account in the environment (`LE_ACCOUNT_ID`, `LE_USERNAME`, ...) instead of le-sim.
                optional --live
            }
            /// Checks the committed samples: no personal-looking text, provenance, a success and an error per operation.
            cmd verify { }
        }

        /// Checks the rules of the repository that no other tool knows.
        cmd tidy { }

        /// Everything that a change must pass. Runs all steps, then says which failed.
        cmd ci {
            /// Run only this step (can be repeated).
            repeated --only step: String
            /// Leave this step out (can be repeated).
            repeated --skip step: String
            /// Print the names of the steps and stop.
            optional --list
        }

        /// Runs other people's clients against le-sim. Needs node with npm, and python; says which is missing.
        cmd interop {
            /// Run only this client (can be repeated).
            repeated --only client: String
            /// Leave this client out (can be repeated).
            repeated --skip client: String
            /// Print the names of the clients and stop.
            optional --list
        }

        /// The slower checks before a release: packages, semver, the powerset of all features.
        cmd release-check {
            /// Run only this step (can be repeated).
            repeated --only step: String
            /// Leave this step out (can be repeated).
            repeated --skip step: String
            /// Print the names of the steps and stop.
            optional --list
        }

        /// Runs the benchmarks (package `le-bench`) with the given arguments.
        cmd bench {
            /// Arguments for the benchmark.
            repeated args: OsString
        }
    }
}
