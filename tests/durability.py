#!/usr/bin/env python3
"""Kills the server with SIGKILL under write load, again and again, and on SQLite also takes the disk away from it.

Nothing that was acknowledged may be lost; no ticket may be without its record and no record without its ticket; the leaf index
must be dense.

    tests/durability.py [rounds, default 20] [path of zhidu, default target/debug/zhidu]

Both databases; PostgreSQL if ZHIDU_TEST_POSTGRES names one (tests/run does).
"""
import http.client, json, os, pathlib, random, resource, signal, socket, sqlite3, subprocess, sys, tempfile, threading, time, uuid

ROOT = pathlib.Path(__file__).resolve().parent.parent
ROUNDS = int(sys.argv[1]) if len(sys.argv) > 1 else 20
PROGRAM = sys.argv[2] if len(sys.argv) > 2 else str(ROOT / "target/debug/zhidu")
POSTGRES = os.environ.get("ZHIDU_TEST_POSTGRES")
PASSWORD = "Durable-2026!as-promised"
WRITERS = 6


class Server:
    def __init__(self, url, data, limit=None):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        # SIGXFSZ is ignored by Python and so by the child: a write over the limit fails as it would on a full disk.
        before = (lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))) if limit else None
        flags = ["serve", "--database-url", url, "--data-dir", data, "--listen", f"127.0.0.1:{self.port}", "--rate-limit", "0"]
        self.process = subprocess.Popen([PROGRAM, *flags], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, preexec_fn=before, restore_signals=False)
        self.link, ready = None, False
        while (line := self.process.stdout.readline()) and (line.strip() or not ready):
            ready = ready or "is ready" in line
            if "setup?token=" in line:
                self.link = line.split("token=")[1].strip()
        if not ready:
            sys.exit("durability: the server ended before it was ready")
        threading.Thread(target=self.process.stdout.read, daemon=True).start()

    def call(self, method, path, body=None, token=None, headers=None, connection=None):
        connection = connection or http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {"content-type": "application/json", **({"authorization": "Bearer " + token} if token else {}), **(headers or {})}
        connection.request(method, "/api/v1" + path, json.dumps(body) if body else None, headers)
        answer = connection.getresponse()
        text = answer.read()
        return answer.status, json.loads(text) if text else None

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


def first_person(server):
    body = {"token": server.link, "company": "远山集团", "name": "陈立", "login": "admin", "password": PASSWORD}
    status, session = server.call("POST", "/auth/setup", body)
    assert status in (200, 201), (status, session)
    scopes = ["tickets.read", "tickets.report"]
    status, made = server.call("POST", "/me/tokens", {"name": "t", "scopes": scopes, "expires_at": "2099-01-01T00:00:00Z"}, session["access_token"])
    assert status == 201, made
    return made["token"]


def write(server, token, promised, refused, stop):
    try:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        while not stop.is_set():
            body = {"kind": "fault", "title": "断电测试 " + str(uuid.uuid4()), "description": "电源" * random.randint(1, 400)}
            status, made = server.call("POST", "/tickets", body, token, {"idempotency-key": str(uuid.uuid4())}, connection)
            if status == 201:
                promised.append(made["id"])
            else:
                refused.append((status, made))
    except (OSError, http.client.HTTPException):
        pass  # The server is dead: what was not answered was not promised.


def load(server, token, seconds):
    promised, refused, stop = [], [], threading.Event()
    writers = [threading.Thread(target=write, args=(server, token, promised, refused, stop)) for _ in range(WRITERS)]
    for writer in writers:
        writer.start()
    time.sleep(seconds)
    return promised, refused, stop, writers


QUESTIONS = {
    "tickets without their record": "select count(*) from ticket t where not exists (select 1 from audit_record r where r.subject_id = t.id and r.action = 'ticket.created')",
    "records without their ticket": "select count(*) from audit_record r where r.action = 'ticket.created' and not exists (select 1 from ticket t where t.id = r.subject_id)",
    "records that were numbered twice or not at all": "select (select count(*) from audit_record) - (select count(distinct record_id) from audit_leaf)",
    "gaps in the leaf index": "select count(*) - 1 - max(leaf_index) from audit_leaf",
}


def ask(url, sql):
    if url.startswith("postgres"):
        return subprocess.run(["psql", "-XAtq", "-c", sql, url], check=True, capture_output=True, text=True).stdout.split()
    with sqlite3.connect(f"file:{url}?mode=ro", uri=True) as database:
        return [str(row[0]) for row in database.execute(sql)]


def ids(url):
    if url.startswith("postgres"):
        return set(ask(url, "select id from ticket"))
    with sqlite3.connect(f"file:{url}?mode=ro", uri=True) as database:
        return {str(uuid.UUID(bytes=row[0])) if isinstance(row[0], bytes) else row[0] for row in database.execute("select id from ticket")}


def settle_and_check(name, url, data, promised):
    server = Server(url, data)
    try:
        deadline = time.monotonic() + 30
        while True:
            wrong = {what: ask(url, sql)[0] for what, sql in QUESTIONS.items()}
            wrong = {what: count for what, count in wrong.items() if count != "0"}
            if not wrong or time.monotonic() > deadline:
                break
            time.sleep(0.2)
        lost = set(promised) - ids(url)
        if wrong or lost:
            sys.exit(f"durability on {name}: {len(lost)} acknowledged tickets lost; {wrong}")
    finally:
        server.kill()


def rounds(name, url):
    with tempfile.TemporaryDirectory() as data:
        url = url or os.path.join(data, "zhidu.db")
        server = Server(url, data)
        token = first_person(server)
        promised = []
        for number in range(ROUNDS):
            made, refused, stop, writers = load(server, token, random.uniform(0.2, 1.2))
            server.kill()
            stop.set()
            for writer in writers:
                writer.join()
            if refused:
                sys.exit(f"durability on {name}: refused {refused[0]}")
            promised += made
            settle_and_check(name, url, data, promised)
            server = Server(url, data)
        server.kill()
        if len(promised) < ROUNDS:
            sys.exit(f"durability on {name}: only {len(promised)} tickets were acknowledged; nothing was shown")
        print(f"durability on {name}: {ROUNDS} kills, {len(promised)} acknowledged tickets, none lost", flush=True)
        if not url.startswith("postgres"):
            full_disk(url, data, token, promised)


def full_disk(url, data, token, promised):
    """The database may grow by one megabyte only: commits fail in the middle of a group."""
    limit = max(os.path.getsize(url), os.path.getsize(url + "-wal") if os.path.exists(url + "-wal") else 0) + (1 << 20)
    server = Server(url, data, limit)
    made, refused, stop, writers = load(server, token, 1)
    deadline = time.monotonic() + 60
    while not refused and time.monotonic() < deadline:
        time.sleep(0.2)
    time.sleep(1)
    stop.set()
    for writer in writers:
        writer.join()
    if not made or not refused:
        sys.exit(f"full disk: {len(made)} made and {len(refused)} refused; the disk did not fill up")
    others = {status for status, _ in refused} - {500, 503}
    server.kill()
    if others:
        sys.exit(f"full disk: answers {others}")
    settle_and_check("a full disk", url, data, promised + made)
    print(f"durability on a full disk: {len(made)} acknowledged, {len(refused)} refused, none lost", flush=True)


rounds("SQLite", None)
if POSTGRES:
    name = f"durability_{os.getpid()}"
    subprocess.run(["psql", "-Xq", "-c", f"create database {name}", POSTGRES], check=True)
    rounds("PostgreSQL", POSTGRES.rsplit("/", 1)[0] + "/" + name)
    subprocess.run(["psql", "-Xq", "-c", f"drop database {name} with (force)", POSTGRES], check=True)
else:
    print("durability: no ZHIDU_TEST_POSTGRES, PostgreSQL is skipped")
