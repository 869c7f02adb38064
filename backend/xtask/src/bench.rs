//! `cargo xtask bench`: what the product does in a second, and what the raw database does with the same statements.

use std::{fs, path::Path, time::Instant};

use clap::Args;
use diesel::{Connection as _, QueryableByName, RunQueryDsl as _, SqliteConnection, sql_types::BigInt};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    Outcome,
    load::{self, Ask, Load},
    product::{Product, text},
    raw::Postgres,
};

/// How much, how long, on what.
#[derive(Args)]
pub struct Options {
    /// Tickets in the database
    #[arg(long, default_value_t = 100_000)]
    tickets: u32,
    /// Seconds of each measurement
    #[arg(long, default_value_t = 10)]
    seconds: u32,
    /// sqlite or postgres
    #[arg(long, default_value = "sqlite")]
    database: String,
    /// The server
    #[arg(long, default_value = "target/release/zhidu")]
    program: String,
    /// A PostgreSQL whose superuser this is; `tests/run` provides one
    #[arg(long, env = "ZHIDU_TEST_POSTGRES")]
    postgres: Option<String>,
    /// Its log file
    #[arg(long, env = "ZHIDU_TEST_POSTGRES_LOG")]
    postgres_log: Option<String>,
}

/// A word that is in few tickets.
const RARE: &str = "茶几";

/// Runs the whole measurement and prints its table.
pub fn run(options: &Options) -> Outcome {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(measure(options))
}

async fn measure(options: &Options) -> Outcome {
    let folder = std::env::temp_dir().join(format!("zhidu-bench-{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    let result = in_folder(options, &folder).await;
    fs::remove_dir_all(&folder)?;
    result
}

async fn in_folder(options: &Options, folder: &Path) -> Outcome {
    let postgres = match options.database.as_str() {
        "postgres" => {
            let server = options.postgres.clone().ok_or("no PostgreSQL; run it as: tests/run cargo xtask bench --database postgres")?;
            let log = options.postgres_log.clone().ok_or("no log of PostgreSQL")?;
            let name = format!("bench_{}", std::process::id());
            let admin = Postgres { url: server.clone(), log: log.clone() };
            admin.sql(&format!("create database {name}"))?;
            let url = server.rsplit_once('/').map(|(head, _)| format!("{head}/{name}")).ok_or("no database in the address")?;
            Some(Postgres { url, log })
        }
        _ => None,
    };
    let sqlite = folder.join("bench.db").display().to_string();
    let url = postgres.as_ref().map_or(sqlite.clone(), |server| server.url.clone());
    let product = Product::start(&options.program, &url, folder).await?;
    println!("start to first answer: {:.2} s; idle memory: {:.0} MB", product.started_in.as_secs_f64(), product.resident_mb()?);
    fill(&product, options.tickets, folder).await?;
    if let Some(server) = &postgres {
        server.sql("vacuum analyze")?;
    }
    let ids = ids(&product).await?;
    println!(
        "\n{} tickets on {}, {} s each, load generator and database on the same machine",
        options.tickets, options.database, options.seconds
    );
    println!("| operation | connections | per second | p50 ms | p99 ms | server CPU s per 1000 | raw per second | ratio |");
    println!("|---|---|---|---|---|---|---|---|");
    let list = Ask::Get("/tickets?open=true&limit=50");
    let get = Ask::GetAny(&ids);
    for (name, ask) in [("list of 50 open tickets", &list), ("ticket by id", &get), ("create with its record", &Ask::Create)] {
        let script = match &postgres {
            Some(server) => Some(statements_of(&product, server, ask).await?),
            None => None,
        };
        for connections in [1, 8, 32] {
            let before = product.cpu_seconds()?;
            let seen = load::run(&product.base, &product.token, ask, connections, options.seconds, folder)?;
            let cpu = product.cpu_seconds()? - before;
            let raw = match (&postgres, &script) {
                (Some(server), Some(script)) => Some(server.pgbench(script, connections, options.seconds, folder)?),
                _ => None,
            };
            print_row(name, connections, &seen, cpu, raw);
        }
    }
    search(&product, postgres.as_ref(), &sqlite).await?;
    println!("\nmemory after the load: {:.0} MB", product.resident_mb()?);
    Ok(())
}

fn print_row(name: &str, connections: u32, seen: &Load, cpu: f64, raw: Option<f64>) {
    let (raw, ratio) =
        raw.map_or(("–".to_owned(), "–".to_owned()), |raw| (format!("{raw:.0}"), format!("{:.2}", seen.per_second / raw)));
    println!(
        "| {name} | {connections} | {:.0} | {:.2} | {:.2} | {:.2} | {raw} | {ratio} |",
        seen.per_second,
        seen.p50,
        seen.p99,
        cpu / seen.answers * 1000.0
    );
}

/// Fills the database through the API, as users would.
async fn fill(product: &Product, tickets: u32, folder: &Path) -> Outcome {
    let begun = Instant::now();
    for number in 0..20 {
        let body = json!({ "kind": "fault", "title": format!("会议室{RARE}摇晃 {number}") });
        product.call(Method::POST, "/tickets", Some(&product.token), body).await?;
    }
    let mut there = 20.0;
    while there < f64::from(tickets) {
        // From the pace so far, so that the table gets not much fuller than asked for; the first second finds the pace.
        let pace = if there > 20.0 { there / begun.elapsed().as_secs_f64() } else { f64::from(tickets) };
        let seconds = ((f64::from(tickets) - there) / pace).clamp(1.0, 30.0);
        // At most 30: the cast cannot cut anything off.
        let seen = load::run(&product.base, &product.token, &Ask::Create, 32, seconds.round() as u32, folder)?;
        there += seen.answers;
    }
    println!("filled with {there:.0} tickets in {:.0} s", begun.elapsed().as_secs_f64());
    Ok(())
}

async fn ids(product: &Product) -> Outcome<Vec<String>> {
    let mut found = Vec::new();
    let mut after = String::new();
    while found.len() < 2000 {
        let page = product.call(Method::GET, &format!("/tickets?limit=100{after}"), Some(&product.token), Value::Null).await?;
        for item in page.get("items").and_then(Value::as_array).ok_or("no items")? {
            found.push(format!("/tickets/{}", text(item, "id")?));
        }
        match page.get("next_cursor").and_then(Value::as_str) {
            Some(cursor) => after = format!("&after={cursor}"),
            None => break,
        }
    }
    Ok(found)
}

async fn statements_of(product: &Product, server: &Postgres, ask: &Ask<'_>) -> Outcome<String> {
    server.log_statements(true)?;
    let token = Some(product.token.as_str());
    // So that who asks is in the cache, as it is under load.
    product.call(Method::GET, "/tickets/counts", token, Value::Null).await?;
    let mark = server.mark()?;
    match ask {
        Ask::Get(path) => product.call(Method::GET, path, token, Value::Null).await?,
        Ask::GetAny(paths) => product.call(Method::GET, paths.first().ok_or("no tickets")?, token, Value::Null).await?,
        Ask::Create => {
            product
                .call(
                    Method::POST,
                    "/tickets",
                    token,
                    json!({ "kind": "fault", "title": "电脑蓝屏死机", "description": "键盘无法使用，网线掉线，请尽快处理。" }),
                )
                .await?
        }
    };
    let script = server.script_since(mark)?;
    if let Ok(path) = std::env::var("ZHIDU_BENCH_SCRIPTS") {
        fs::write(format!("{path}-{mark}.sql"), &script)?;
    }
    server.log_statements(false)?;
    Ok(script)
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

/// A two-character word: by the API with everything that it does, and by LIKE in the raw database.
async fn search(product: &Product, postgres: Option<&Postgres>, sqlite: &str) -> Outcome {
    let path = format!("/tickets?limit=100&q={}", "%E8%8C%B6%E5%87%A0");
    let mut times = Vec::new();
    let mut hits = 0;
    for _ in 0..30 {
        let begun = Instant::now();
        let page = product.call(Method::GET, &path, Some(&product.token), Value::Null).await?;
        times.push(begun.elapsed().as_secs_f64() * 1000.0);
        hits = page.get("items").and_then(Value::as_array).map_or(0, Vec::len);
    }
    times.sort_by(f64::total_cmp);
    let ours = times.get(times.len() / 2).copied().unwrap_or(f64::NAN);
    let sql = format!(
        "select count(*) as n from ticket t join ticket_text x on x.ticket_id = t.id where t.title like '%{RARE}%' or x.description like '%{RARE}%'"
    );
    let begun = Instant::now();
    let found = match postgres {
        Some(server) => server.sql(&sql)?.parse()?,
        None => {
            let mut conn = SqliteConnection::establish(sqlite)?;
            diesel::sql_query(&sql).get_result::<Count>(&mut conn)?.n
        }
    };
    let like = begun.elapsed().as_secs_f64() * 1000.0;
    println!(
        "\n{RARE}: {hits} hits in {ours:.1} ms by the API (p50 of 30); {found} hits in {like:.0} ms by LIKE: {:.0} × faster",
        like / ours
    );
    if i64::try_from(hits)? != found {
        return Err("the search and LIKE disagree".into());
    }
    Ok(())
}
