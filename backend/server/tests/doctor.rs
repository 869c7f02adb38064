//! `zhidu doctor` as it is called: on folders and settings, without a server.

// A panic is how a test fails.
#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::{
    fs,
    io::Write as _,
    net::TcpListener,
    os::unix::{fs::PermissionsExt as _, process::CommandExt as _},
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, SystemTime},
};

use age::secrecy::ExposeSecret as _;
use serde_json::Value;

const NOBODY: u32 = 65_534;

/// A folder of its own; gone when dropped.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let path = std::env::temp_dir().join(format!("zhidu-doctor-{}", kernel::PersonId::new()));
        fs::create_dir_all(&path).expect("a folder");
        Self(path)
    }

    /// With the database of a server that has been started once, and its keys.
    fn used() -> Self {
        let folder = Self::new();
        let made = zhidu(&["migrate", "--data-dir", &folder.path("")]).output().expect("it runs");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        // Whoever reads and closes it as the last puts everything into the one file.
        let mut still = db::snapshot::Still::of(&folder.path("zhidu.db")).expect("a database");
        assert!(still.rows().is_ok_and(|rows| !rows.is_empty()));
        drop(still);
        for (name, text) in [("secret", identity::Secrets::generate()), ("log.key", audit::Log::generate().expect("a key"))] {
            server::private::create(&folder.0.join(name), &text).expect("a key");
        }
        folder
    }

    fn path(&self, name: &str) -> String {
        self.0.join(name).display().to_string()
    }

    fn write(&self, name: &str, text: &str) -> String {
        fs::write(self.0.join(name), text).expect("a file");
        self.path(name)
    }

    fn list(&self) -> Vec<String> {
        let mut names: Vec<String> =
            fs::read_dir(&self.0).expect("a folder").flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    /// The doctor on this folder, with more settings.
    fn examined(&self, more: &[&str]) -> Found {
        examined(&mut doctor(&[&["--data-dir", &self.path("")], more].concat()))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

/// The program without the settings of whoever runs the tests.
fn zhidu(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_zhidu"));
    command.env_clear().env("PATH", std::env::var("PATH").unwrap_or_default()).env("ZHIDU_LOG", "error").args(arguments);
    command
}

/// Port 1 is nobody's.
fn doctor(arguments: &[&str]) -> Command {
    let own: &[&str] = if arguments.contains(&"--listen") { &[] } else { &["--listen", "127.0.0.1:1"] };
    zhidu(&[&["doctor", "--json"], own, arguments].concat())
}

struct Found {
    findings: Vec<Value>,
    fine: bool,
}

fn examined(command: &mut Command) -> Found {
    let output = command.output().expect("it runs");
    let findings: Vec<Value> = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr)));
    let found = Found { fine: output.status.success(), findings };
    let wrong = found.findings.iter().any(|finding| finding["verdict"] == "wrong");
    assert_eq!(found.fine, !wrong, "it fails if something is wrong, and only then");
    for finding in &found.findings {
        assert_eq!(finding["advice"].is_string(), finding["verdict"] != "ok", "whoever reads it knows what to do: {finding}");
    }
    found
}

impl Found {
    /// One finding of this check has this verdict and says this, in what is found or advised.
    #[track_caller]
    fn says(&self, check: &str, verdict: &str, words: &str) {
        let of: Vec<&Value> = self.findings.iter().filter(|finding| finding["check"] == check).collect();
        let fits = |finding: &&&Value| finding["verdict"] == verdict && finding.to_string().contains(words);
        assert!(of.iter().any(|finding| fits(&finding)), "{check}: wanted {verdict} … {words}, got {of:#?}");
    }
}

#[test]
fn before_the_first_start_it_says_what_will_be_and_makes_nothing() {
    let folder = Folder::new();
    let nowhere = examined(&mut doctor(&["--data-dir", &folder.path("none")]));
    nowhere.says("data folder", "wrong", "--data-dir names another folder");
    let empty = folder.examined(&[]);
    assert!(empty.fine);
    empty.says("data folder", "ok", "can be written");
    empty.says("database", "warn", "nothing was started here yet");
    empty.says("secret", "ok", "none yet");
    empty.says("log key", "ok", "none yet");
    empty.says("server", "ok", "none runs");
    assert_eq!(folder.list(), [""; 0]);
    let file = folder.write("file", "");
    examined(&mut doctor(&["--data-dir", &file])).says("data folder", "wrong", "no folder");
}

#[test]
fn people_read_aligned_lines_and_the_sum() {
    let folder = Folder::new();
    let output = zhidu(&["doctor", "--data-dir", &folder.path(""), "--listen", "127.0.0.1:1"]).output().expect("it runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success() && output.stderr.is_empty(), "{text}");
    assert!(text.starts_with("ok     server") && text.lines().last().is_some_and(|sum| sum.ends_with("0 wrong")), "{text}");
    assert!(text.contains("warn   database") && text.contains("-> zhidu serve makes it"), "{text}");
}

#[test]
fn a_used_folder_is_looked_at_and_left_as_it_is() {
    let folder = Folder::used();
    let before = (folder.list(), fs::read(folder.path("zhidu.db")).expect("a database"));
    let found = folder.examined(&[]);
    assert!(found.fine && before == (folder.list(), fs::read(folder.path("zhidu.db")).expect("a database")));
    found.says("database", "ok", "quick_check");
    found.says("journal", "ok", "WAL");
    found.says("schema", "ok", "all");
    found.says("log", "warn", "nothing is signed yet");
    found.says("administrators", "warn", "prints the link");
    found.says("uploads", "ok", "0 contents");
}

#[test]
fn what_a_killed_restore_or_backup_left_is_seen() {
    let folder = Folder::used();
    folder.examined(&[]).says("restore", "ok", "none");
    folder.write("RESTORING", "");
    folder.examined(&[]).says("restore", "wrong", "run the same zhidu restore again");
    let target = Folder::new();
    let named = format!("disk={}", target.path(""));
    let left = || folder.examined(&["--backup-target", &named]);
    target.write(".zhidu-work-1.lock", "");
    left().says("leftovers", "ok", "");
    let lock = fs::File::options().write(true).open(target.path(".zhidu-work-1.lock")).expect("a lock");
    lock.set_modified(SystemTime::now() - Duration::from_secs(120)).expect("a time");
    lock.lock().expect("a lock");
    left().says("leftovers", "ok", "");
    drop(lock);
    left().says("leftovers", "warn", ".zhidu-work-1");
    assert_eq!(target.list(), [".zhidu-work-1.lock"]);
}

#[test]
fn keys_are_there_whole_and_for_their_owner_only() {
    let folder = Folder::used();
    let private = folder.examined(&[]);
    private.says("secret", "ok", "owner only");
    private.says("log key", "ok", "owner only");
    for name in ["secret", "log.key", "self-made-key.pem"] {
        fs::set_permissions(
            folder.write(name, &fs::read_to_string(folder.path(name)).unwrap_or_default()),
            fs::Permissions::from_mode(0o640),
        )
        .expect("a mode");
    }
    let open = folder.examined(&[]);
    open.says("secret", "warn", "chmod 600");
    open.says("log key", "warn", "chmod 600");
    open.says("other keys", "warn", "self-made-key.pem");
    let token = folder.write("token", "Splunk abc");
    fs::set_permissions(&token, fs::Permissions::from_mode(0o644)).expect("a mode");
    let forwarding = ["--forward", "siem=https://siem.example", "--forward-authorization", &format!("siem={token}")];
    folder.examined(&forwarding).says("other keys", "warn", "token");
    folder.write("secret", "k1:short");
    folder.write("log.key", "no key");
    let broken = folder.examined(&[]);
    broken.says("secret", "wrong", "put back your copy");
    broken.says("log key", "wrong", "put back your copy");
    fs::remove_file(folder.path("secret")).and_then(|()| fs::remove_file(folder.path("log.key"))).expect("they are there");
    let lost = folder.examined(&[]);
    lost.says("secret", "warn", "log in again");
    lost.says("log key", "wrong", "a new name");
    let named = folder.examined(&["--secret-file", "none", "--log-key-file", "none"]);
    named.says("secret", "wrong", "--secret-file");
    named.says("log key", "wrong", "--log-key-file");
}

#[test]
fn a_database_that_is_gone_damaged_or_of_another_kind_is_wrong() {
    let folder = Folder::used();
    let file = folder.0.join("zhidu.db");
    let whole = fs::read(&file).expect("a database");
    let patched = |from: usize, bytes: &[u8]| {
        let mut other = whole.clone();
        other[from..from + bytes.len()].copy_from_slice(bytes);
        fs::write(&file, other).expect("a file");
        folder.examined(&[])
    };
    patched(18, &[1, 1]).says("journal", "warn", "does not write ahead");
    // The first page stays as it is; the others are filled with what no page begins with.
    patched(4096, &vec![0xff; whole.len() - 4096]).says("database", "wrong", "damaged");
    patched(0, b"no database").says("database", "wrong", "damaged");
    fs::remove_file(&file).expect("it is there");
    folder.examined(&[]).says("database", "wrong", "put a backup back");
    assert!(!file.exists());
    folder.examined(&["--database-url-file", "none"]).says("database", "wrong", "--database-url-file");
    folder.examined(&["--database-url", "postgres://nobody:secret@127.0.0.1:1/none"]).says("database", "wrong", "start PostgreSQL");
    let said = folder.examined(&["--database-url", "postgres://nobody:secret@127.0.0.1:1/none"]).findings;
    assert!(said.iter().all(|finding| !finding.to_string().contains("secret@")), "no password is printed");
}

#[test]
fn postgres_needs_its_tools_in_its_version() {
    let url = std::env::var("ZHIDU_TEST_POSTGRES").expect("tests/run starts a PostgreSQL and sets ZHIDU_TEST_POSTGRES");
    let folder = Folder::new();
    let with_path = |path: &str| examined(doctor(&["--data-dir", &folder.path(""), "--database-url", &url]).env("PATH", path));
    with_path("/nowhere").says("pg_dump", "wrong", "cannot be run");
    let tools = Folder::new();
    for name in ["pg_dump", "pg_restore"] {
        let script = tools.write(name, &format!("#!/bin/sh\necho '{name} (PostgreSQL) 9.6.24'\n"));
        fs::set_permissions(script, fs::Permissions::from_mode(0o755)).expect("a mode");
    }
    with_path(&tools.path("")).says("pg_dump", "wrong", "pg_dump 9 is older");
    let empty = with_path(&std::env::var("PATH").unwrap_or_default());
    empty.says("pg_dump", "ok", "can copy");
    empty.says("schema", "warn", "zhidu migrate");
}

#[test]
fn places_for_backups_are_there_writable_and_on_another_disk() {
    let folder = Folder::used();
    folder.examined(&[]).says("backup places", "warn", "a lost disk takes with it");
    let (near, file) = (format!("near={}", folder.path("")), format!("file={}", folder.path("secret")));
    let found = folder.examined(&["--backup-target", &near, "--backup-target", "away=/nowhere/backup", "--backup-target", &file]);
    found.says("backup places", "wrong", "away: /nowhere/backup is not there");
    found.says("backup places", "wrong", "file: ");
    folder.examined(&["--backup-target", &near]).says("backup places", "warn", "lies on the disk of the data");
}

#[test]
fn backups_are_encrypted_and_the_key_for_drills_opens_them() {
    let folder = Folder::used();
    let (one, other) = (age::x25519::Identity::generate(), age::x25519::Identity::generate());
    let key = |name: &str, identity: &age::x25519::Identity| {
        let path = folder.write(name, identity.to_string().expose_secret());
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("a mode");
        path
    };
    let (opens, opens_nothing, public) = (key("one", &one), key("other", &other), one.to_public().to_string());
    let with = |more: &[&str]| folder.examined(&[&["--backup-recipient", &public], more].concat());
    folder.examined(&[]).says("encryption", "warn", "whoever gets hold of a backup can read it");
    with(&[]).says("encryption", "ok", "1 recipient");
    with(&["--backup-identity", &opens]).says("key for drills", "ok", "opens");
    with(&["--backup-identity", &opens_nothing]).says("key for drills", "wrong", "no_identity");
    with(&["--backup-identity", &folder.write("text", "no key")]).says("key for drills", "wrong", "AGE-SECRET-KEY-1");
    with(&["--backup-identity", "none"]).says("key for drills", "wrong", "--backup-identity");
}

/// A certificate and its key, for this name and until this day.
fn certificate(folder: &Folder, name: &str, until: jiff::civil::Date) -> [String; 2] {
    let mut wanted = rcgen::CertificateParams::new(vec![name.to_owned()]).expect("a name");
    let day = |number: i8| u8::try_from(number).expect("a day");
    wanted.not_before = rcgen::date_time_ymd(2020, 1, 1);
    wanted.not_after = rcgen::date_time_ymd(until.year().into(), day(until.month()), day(until.day()));
    let key = rcgen::KeyPair::generate().expect("a key");
    let made = wanted.self_signed(&key).expect("a certificate");
    let file = |ending: &str, text: &str| folder.write(&format!("{name}-{until}.{ending}"), text);
    [file("crt", &made.pem()), file("key", &key.serialize_pem())]
}

#[test]
fn a_certificate_holds_long_enough_for_the_public_address_and_has_its_key() {
    let folder = Folder::used();
    let today = kernel::Clock::default().now().office_date().civil();
    let in_days = |days: i64| today.checked_add(jiff::SignedDuration::from_hours(24 * days)).expect("a day");
    let with = |[cert, key]: [&String; 2], url: &str| {
        folder.examined(&["--https-listen", "127.0.0.1:1", "--tls-cert", cert, "--tls-key", key, "--public-url", url])
    };
    let [cert, key] = &certificate(&folder, "zhidu.example", in_days(400));
    with([cert, key], "https://zhidu.example:8443/").says("certificate", "ok", "for another");
    with([cert, key], "https://other.example").says("certificate", "wrong", "not for other.example");
    let [soon, of_soon] = &certificate(&folder, "zhidu.example", in_days(10));
    with([soon, of_soon], "https://zhidu.example").says("certificate", "warn", "renew it");
    let [ended, of_ended] = &certificate(&folder, "zhidu.example", in_days(-10));
    with([ended, of_ended], "https://zhidu.example").says("certificate", "wrong", "ended");
    with([cert, of_soon], "https://zhidu.example").says("certificate", "wrong", "belong together");
    with([&folder.path("secret"), key], "https://zhidu.example").says("certificate", "wrong", "--tls-cert");
    folder.examined(&["--https-listen", "127.0.0.1:1"]).says("certificate", "ok", "none yet");
    assert!(!Path::new(&folder.path("self-made-cert.pem")).exists());
}

#[test]
fn addresses_are_judged_by_who_can_reach_them() {
    let folder = Folder::used();
    let with = |more: &[&str]| folder.examined(more);
    with(&[]).says("plain HTTP", "ok", "this machine only");
    with(&["--listen", "0.0.0.0:1"]).says("plain HTTP", "warn", "there is no HTTPS");
    with(&["--listen", "0.0.0.0:1", "--https-listen", "0.0.0.0:2"]).says("plain HTTP", "ok", "refused");
    with(&["--listen", "0.0.0.0:1", "--trusted-proxy", "10.0.0.1"]).says("plain HTTP", "ok", "proxy");
    let readable = ["--listen", "0.0.0.0:1", "--https-listen", "0.0.0.0:2", "--allow-plain-http"];
    with(&readable).says("plain HTTP", "warn", "passwords cross the network readably");
    with(&[]).says("public address", "ok", "not needed");
    with(&["--https-listen", "127.0.0.1:2"]).says("public address", "warn", "--public-url");
    with(&["--trusted-proxy", "127.0.0.1"]).says("public address", "warn", "--public-url");
    with(&["--public-url", "zhidu.example"]).says("public address", "wrong", "zhidu.example");
    with(&["--public-url", "https://zhidu.example"]).says("public address", "ok", "zhidu.example");
    with(&["--web-root", "/nowhere"]).says("page", "warn", "--web-root");
    folder.write("index.html", "");
    with(&["--web-root", &folder.path("")]).says("page", "ok", "index.html");
}

#[test]
fn whatever_else_answers_on_its_address_is_told_from_the_server() {
    let folder = Folder::used();
    let answered = |answer: &'static str| {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address").to_string();
        let answers = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().expect("somebody asks");
            std::io::Read::read(&mut stream, &mut [0; 1024]).expect("a question");
            stream.write_all(answer.as_bytes()).expect("an answer");
        });
        let found = folder.examined(&["--listen", &address]);
        answers.join().expect("no panic");
        found
    };
    answered("HTTP/1.1 200 OK\r\n\r\nHello").says("server", "wrong", "another program");
    answered("HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/problem+json\r\n\r\n{}").says("server", "wrong", "status 503");
}

#[test]
fn few_descriptors_are_few_open_pages() {
    let folder = Folder::new();
    let limited = |limit: u32| {
        let mut shell = Command::new("sh");
        let call = format!("ulimit -S -n {limit} && exec \"$0\" doctor --json --listen 127.0.0.1:1 --data-dir \"$1\"");
        examined(shell.args(["-c", &call, env!("CARGO_BIN_EXE_zhidu"), &folder.path("")]))
    };
    limited(256).says("descriptors", "warn", "LimitNOFILE");
}

/// Only root can give a file to somebody else, and be somebody else.
#[test]
fn data_of_another_user_are_seen() {
    let folder = Folder::used();
    folder.examined(&[]).says("owner", "ok", "as this runs");
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let give = |path: String, to: u32| std::os::unix::fs::chown(path, Some(to), Some(to)).expect("root may");
    give(folder.path("zhidu.db"), NOBODY);
    folder.examined(&[]).says("owner", "wrong", "but not zhidu.db");
    for name in ["", "secret", "log.key"] {
        give(folder.path(name), NOBODY);
    }
    folder.examined(&[]).says("owner", "warn", "run this as the user");
    // Where nobody else can reach the program it is copied.
    let place = Folder::new();
    fs::set_permissions(place.path(""), fs::Permissions::from_mode(0o755)).expect("a mode");
    fs::copy(env!("CARGO_BIN_EXE_zhidu"), place.path("zhidu")).expect("a copy");
    give(folder.path(""), 0);
    let target = format!("disk={}", folder.path(""));
    let mut other = Command::new(place.path("zhidu"));
    other.args(["doctor", "--json", "--listen", "127.0.0.1:1", "--data-dir", &folder.path(""), "--backup-target", &target]);
    let found = examined(other.uid(NOBODY).gid(NOBODY));
    found.says("data folder", "wrong", "cannot be written");
    found.says("backup places", "wrong", "cannot be written");
}
