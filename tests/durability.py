#!/usr/bin/env python3
"""Kills the server with SIGKILL under write load, again and again, and on SQLite also takes the disk away from it.

Nothing that was acknowledged may be lost; no ticket may be without its record and no record without its ticket; the leaf index
must be dense. Cases of a process run meanwhile: each goes on exactly where it was, no action is done twice, no timer is lost.

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
CARRIERS = 2


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
        connection.request(method, "/api/v1" + path, json.dumps(body) if body is not None else None, headers)
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
    scopes = ["tickets.read", "tickets.report", "processes.use", "processes.design", "processes.publish"]
    status, made = server.call("POST", "/me/tokens", {"name": "t", "scopes": scopes, "expires_at": "2099-01-01T00:00:00Z"}, session["access_token"])
    assert status == 201, made
    form = {"schema": {"type": "object", "properties": {"事由": {"type": "string"}, "编号": {"type": "string"}}}, "ui": {"groups": []}}
    status, process = server.call("POST", "/processes", {"key": "durable", "name": "断电", "bpmn": PROCESS, "form": form}, made["token"])
    assert status == 201, process
    status, answer = server.call("POST", f"/processes/{process['id']}/publish", {}, made["token"], {"if-match": '"1"'})
    assert status == 200, answer
    return made["token"], process["id"]


# Filling in, a timer that is due at once, an approval, a number without gaps.
PROCESS = """<b:definitions xmlns:b="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zhidu="urn:zhidu:bpmn:1"><b:process id="p" isExecutable="true">
<b:startEvent id="s"/><b:userTask id="apply"><b:extensionElements><zhidu:work kind="do"><zhidu:people by="starter"/><zhidu:field name="*" right="edit"/></zhidu:work></b:extensionElements></b:userTask>
<b:intermediateCatchEvent id="wait"><b:timerEventDefinition><b:timeDate>2020-01-01T00:00:00Z</b:timeDate></b:timerEventDefinition></b:intermediateCatchEvent>
<b:userTask id="check"><b:extensionElements><zhidu:work kind="approve"><zhidu:people by="starter"/><zhidu:field name="*" right="read"/></zhidu:work></b:extensionElements></b:userTask>
<b:serviceTask id="number"><b:extensionElements><zhidu:action name="document.number"><zhidu:input name="kind" value="&quot;断电&quot;"/><zhidu:output field="编号" value="number"/></zhidu:action></b:extensionElements></b:serviceTask>
<b:endEvent id="e"/>
<b:sequenceFlow id="f1" sourceRef="s" targetRef="apply"/><b:sequenceFlow id="f2" sourceRef="apply" targetRef="wait"/><b:sequenceFlow id="f3" sourceRef="wait" targetRef="check"/>
<b:sequenceFlow id="f4" sourceRef="check" targetRef="number"/><b:sequenceFlow id="f5" sourceRef="number" targetRef="e"/>
</b:process></b:definitions>"""


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


def carry(server, who, promised, refused, stop):
    """Starts cases, and agrees to whatever is open: also to what an earlier life of the server left behind."""
    token, process = who
    try:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        while not stop.is_set():
            status, made = server.call("POST", "/cases", {"process_id": process, "data": {"事由": "断电"}}, token, {"idempotency-key": str(uuid.uuid4())}, connection)
            if status == 201:
                promised.append(made["id"])
            else:
                refused.append((status, made))
            status, open_work = server.call("GET", "/work-items?limit=5", None, token, None, connection)
            for item in (open_work or {}).get("items", []):
                path = f"/work-items/{item['id']}/transitions"
                status, made = server.call("POST", path, {"action": "complete", "outcome": "agree"}, token, {"if-match": f'"{item["version"]}"'}, connection)
                # Another of these writers may have been faster.
                if status not in (200, 409, 412):
                    refused.append((status, made))
    except (OSError, http.client.HTTPException):
        pass


def load(server, who, seconds):
    promised, refused, stop = [], [], threading.Event()
    writers = [threading.Thread(target=write, args=(server, who[0], promised, refused, stop)) for _ in range(WRITERS - CARRIERS)]
    writers += [threading.Thread(target=carry, args=(server, who, promised, refused, stop)) for _ in range(CARRIERS)]
    for writer in writers:
        writer.start()
    time.sleep(seconds)
    return promised, refused, stop, writers


QUESTIONS = {
    "tickets without their record": "select count(*) from ticket t where not exists (select 1 from audit_record r where r.subject_id = t.id and r.action = 'ticket.created')",
    "records without their ticket": "select count(*) from audit_record r where r.action = 'ticket.created' and not exists (select 1 from ticket t where t.id = r.subject_id)",
    "records that were numbered twice or not at all": "select (select count(*) from audit_record) - (select count(distinct record_id) from audit_leaf)",
    "cases that stand still": "select count(*) from process_case c where c.state = 'running' and not exists (select 1 from work_item w where w.case_id = c.id and w.state = 'open') and not exists (select 1 from case_wait t where t.case_id = c.id)",
    "timers that did not fire": "select count(*) from case_wait",
    "timers that fired twice": "select count(*) from (select case_id from case_story where kind = 'fired' group by case_id having count(*) > 1) twice",
    "actions done twice, or not": "select count(*) from process_case c where (select count(*) from case_story s where s.case_id = c.id and s.kind = 'action') <> (case when c.state = 'completed' then 1 else 0 end)",
    "numbers that are missing": "select coalesce(max(last), 0) - (select count(*) from case_story where kind = 'action') from document_series",
    "gaps in the leaf index": "select count(*) - 1 - max(leaf_index) from audit_leaf",
}


def ask(url, sql):
    if url.startswith("postgres"):
        return subprocess.run(["psql", "-XAtq", "-c", sql, url], check=True, capture_output=True, text=True).stdout.split()
    with sqlite3.connect(f"file:{url}?mode=ro", uri=True) as database:
        return [str(row[0]) for row in database.execute(sql)]


def ids(url):
    if url.startswith("postgres"):
        return set(ask(url, "select id from ticket union all select id from process_case"))
    with sqlite3.connect(f"file:{url}?mode=ro", uri=True) as database:
        return {str(uuid.UUID(bytes=row[0])) if isinstance(row[0], bytes) else row[0] for row in database.execute("select id from ticket union all select id from process_case")}


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
            sys.exit(f"durability on {name}: {len(lost)} acknowledged tickets and cases lost; {wrong}")
    finally:
        server.kill()


def rounds(name, url):
    with tempfile.TemporaryDirectory() as data:
        url = url or os.path.join(data, "zhidu.db")
        server = Server(url, data)
        who = first_person(server)
        promised = []
        for number in range(ROUNDS):
            made, refused, stop, writers = load(server, who, random.uniform(0.2, 1.2))
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
            sys.exit(f"durability on {name}: only {len(promised)} tickets and cases were acknowledged; nothing was shown")
        print(f"durability on {name}: {ROUNDS} kills, {len(promised)} acknowledged tickets and cases, none lost", flush=True)
        if not url.startswith("postgres"):
            full_disk(url, data, who, promised)


def full_disk(url, data, who, promised):
    """The database may grow by one megabyte only: commits fail in the middle of a group."""
    limit = max(os.path.getsize(url), os.path.getsize(url + "-wal") if os.path.exists(url + "-wal") else 0) + (1 << 20)
    server = Server(url, data, limit)
    made, refused, stop, writers = load(server, who, 1)
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
