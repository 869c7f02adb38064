//! What developers run besides the tests: `cargo xtask tidy`, `cargo xtask bench`.

mod bench;
mod load;
mod product;
mod raw;
mod tidy;

use std::process::ExitCode;

use clap::Parser;

/// Chores of the repository.
#[derive(Parser)]
enum Chore {
    /// Refuses writes outside the write door and other things that the compiler lets pass
    Tidy,
    /// Measures the product against the raw database in the same run and prints a table
    Bench(bench::Options),
}

/// What stopped a chore.
pub type Outcome<T = ()> = Result<T, Box<dyn std::error::Error>>;

fn main() -> ExitCode {
    let done = match Chore::parse() {
        Chore::Tidy => tidy::run(),
        Chore::Bench(options) => bench::run(&options),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error}");
            ExitCode::FAILURE
        }
    }
}
