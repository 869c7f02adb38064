//! What developers run besides the tests: `cargo xtask tidy`, `cargo xtask bench`, `cargo xtask engine`, `cargo xtask cases`,
//! `cargo xtask sequence`, `cargo xtask proofs`.

mod bench;
mod cases;
mod engine;
mod load;
mod product;
mod proofs;
mod raw;
mod sequence;
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
    /// Measures how many complete cases a second are carried through on SQLite; built with --release, or the figure means nothing
    Cases {
        /// For how long
        #[arg(long, default_value_t = 10)]
        seconds: u64,
    },
    /// Measures how many records get their place in the log in a second, and how many controls look at; built with --release, or the figure is a lower bound
    Sequence {
        /// How many are written before
        #[arg(long, default_value_t = 100_000)]
        records: u32,
        /// sqlite, or postgres: then run as `tests/run cargo xtask sequence --database postgres`
        #[arg(long, default_value = "sqlite")]
        database: String,
    },
    /// Measures how long the proof of one record takes in a log so long; built with --release
    Proofs {
        /// How many records it has
        #[arg(long, default_value_t = 10_000_000)]
        leaves: u64,
        /// sqlite, or postgres: then run as `tests/run cargo xtask proofs --database postgres`
        #[arg(long, default_value = "sqlite")]
        database: String,
    },
    /// Measures how many steps the process engine takes in a second; built with --release, or the figure means nothing
    Engine {
        /// For how long
        #[arg(long, default_value_t = 5)]
        seconds: u64,
    },
}

/// What stopped a chore.
pub type Outcome<T = ()> = Result<T, Box<dyn std::error::Error>>;

fn main() -> ExitCode {
    let done = match Chore::parse() {
        Chore::Tidy => tidy::run(),
        Chore::Bench(options) => bench::run(&options),
        Chore::Cases { seconds } => cases::run(seconds),
        Chore::Engine { seconds } => engine::run(seconds),
        Chore::Proofs { leaves, database } => proofs::run(leaves, &database),
        Chore::Sequence { records, database } => sequence::run(records, &database),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error}");
            ExitCode::FAILURE
        }
    }
}
