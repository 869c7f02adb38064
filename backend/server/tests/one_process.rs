//! A SQLite file serves one process.

// A panic is how a test fails.
#![allow(clippy::expect_used)]

use clap::Parser as _;
use server::Serve;

#[derive(clap::Parser)]
struct Cli {
    #[command(flatten)]
    serve: Serve,
}

fn config(arguments: &[&str]) -> server::Config {
    Cli::parse_from([&["zhidu"], arguments].concat()).serve.config
}

#[test]
fn a_second_server_on_the_same_file_is_refused() {
    let folder = std::env::temp_dir().join(format!("zhidu-alone-{}", std::process::id()));
    let folder = folder.display().to_string();
    let here = config(&["--data-dir", &folder]);
    let first = here.alone().expect("nobody is there");
    assert!(first.is_some());
    let said = here.alone().expect_err("somebody is there").to_string();
    assert!(said.contains("another server is at work on"), "{said}");
    drop(first);
    assert!(here.alone().is_ok());
    let replicas = config(&["--data-dir", &folder, "--database-url", "postgres://localhost/zhidu"]);
    assert!(replicas.alone().expect("any number").is_none());
    std::fs::remove_dir_all(&folder).expect("it is there");
}
