//! The running server against its own document, with requests that schemathesis makes up: no server error, no status and no body
//! that the document does not name, nothing taken that it forbids. What thousands of such requests did to the database is held
//! against the invariants afterwards, as after every test.

use std::{path::Path, process::Command, sync::Mutex};

use tests::{TestApp, given, given::text, json, on_both_databases};

/// An administrator, a desk worker, an asset keeper, a security administrator and an auditor of the demonstration company.
const PEOPLE: &[&str] = &["chen.li", "he.min", "zhou.jie", "fang.jing", "sun.ming"];
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,\
    negative_data_rejection,unsupported_method,ignored_auth";
const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

fn run(program: &Path, arguments: &[&str]) {
    // It leaves a cache in the folder in which it runs.
    let build = Path::new(ROOT).join("target");
    std::fs::create_dir_all(&build).expect("a folder for what is built");
    let output = Command::new(program).args(arguments).current_dir(build).env("NO_COLOR", "1").env("COLUMNS", "200").output();
    let output = output.unwrap_or_else(|error| panic!("{}: {error}", program.display()));
    let said = String::from_utf8_lossy(&output.stdout);
    // The end: its summary and the requests to repeat.
    let end: String = said.chars().skip(said.chars().count().saturating_sub(20_000)).collect();
    assert!(output.status.success(), "{arguments:?}\n{end}\n{}", String::from_utf8_lossy(&output.stderr));
}

/// Installs it beside the build, once for all tests.
fn schemathesis() -> std::path::PathBuf {
    static INSTALLING: Mutex<()> = Mutex::new(());
    let installing = INSTALLING.lock();
    let home = Path::new(ROOT).join("target/schemathesis");
    let program = home.join("bin/schemathesis");
    if !program.exists() {
        run(Path::new("python3"), &["-m", "venv", &home.display().to_string()]);
        run(&home.join("bin/pip"), &["install", "--quiet", "--disable-pip-version-check", "schemathesis>=4.32,<5"]);
    }
    drop(installing);
    program
}

/// Access tokens with every scope that their owners have: log-out cannot end them.
async fn tokens(app: &TestApp) -> Vec<(&'static str, String)> {
    let company = given::demo(app).await;
    let mut tokens = Vec::new();
    for login in PEOPLE {
        let person = company.person(app, login).await;
        let person = app.by(&person);
        let scopes = person.get("/me").ok().await["permissions"].clone();
        let made = json!({ "name": "contract", "scopes": scopes, "expires_at": "2099-01-01T00:00:00Z" });
        tokens.push((*login, text(&person.post("/me/tokens", made).ok().await["token"])));
    }
    tokens
}

on_both_databases! {
    async fn the_server_keeps_to_its_document(app: TestApp) {
        let program = tokio::task::spawn_blocking(schemathesis).await.expect("schemathesis is installed");
        // All of them first: made-up log-ins close that door for this address.
        for (login, token) in tokens(&app).await {
            let (program, url) = (program.clone(), format!("{}/api/v1/openapi.json", app.base));
            let fuzzing = tokio::task::spawn_blocking(move || {
                let config = format!("{ROOT}/tests/schemathesis.toml");
                let bearer = format!("Authorization: Bearer {token}");
                let mut arguments = vec!["--config-file", &config, "run", &url, "--header", &bearer, "--checks", CHECKS];
                // The administrator reaches most operations; the others show what refusals look like.
                let examples = if login == "chen.li" { "4" } else { "1" };
                arguments.extend(["--max-examples", examples, "--seed", "1", "--phases", "examples,coverage,fuzzing"]);
                arguments.extend(["--continue-on-failure", "--no-shrink", "--suppress-health-check", "all", "--warnings", "off"]);
                // A stream that never ends.
                arguments.extend(["--exclude-path-regex", "/events$"]);
                run(&program, &arguments);
            });
            fuzzing.await.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()));
            println!("{login}: kept");
        }
    }
}
