//! The command `tempfail`; everything is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    tempfail::cli::main()
}
