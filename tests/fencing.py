#!/usr/bin/env python3
"""Three servers on one PostgreSQL; each is stopped and continued at random, most of all whoever numbers and signs the log.

There must never be two roots of one size, and never a second name: neither in what any of them has shown (whose table refuses that) nor
in what was signed before that (log.checkpoint, which is written first, also by whoever has lost the lease). At the end the whole log
verifies against each checkpoint that was seen.

    tests/run python3 tests/fencing.py [seconds, default 40] [path of zhidu, default target/debug/zhidu]
"""
import http.client, json, os, pathlib, random, signal, socket, subprocess, sys, tempfile, threading, time

ROOT = pathlib.Path(__file__).resolve().parent.parent
SECONDS = int(sys.argv[1]) if len(sys.argv) > 1 else 40
PROGRAM = sys.argv[2] if len(sys.argv) > 2 else str(ROOT / "target/debug/zhidu")
POSTGRES = os.environ["ZHIDU_TEST_POSTGRES"]
PASSWORD = "Fenced-2026!as-promised"


class Server:
    def __init__(self, url, data):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        flags = ["--database-url", url, "--data-dir", data, "--listen", f"127.0.0.1:{self.port}", "--rate-limit", "0", "--log-checkpoint-seconds", "0"]
        self.process = subprocess.Popen([PROGRAM, "serve", *flags], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.link, ready = None, False
        while (line := self.process.stdout.readline()) and (line.strip() or not ready):
            ready = ready or "is ready" in line
            if "setup?token=" in line:
                self.link = line.split("token=")[1].strip()
        if not ready:
            sys.exit("fencing: a server ended before it was ready")
        threading.Thread(target=self.process.stdout.read, daemon=True).start()

    def call(self, method, path, body=None, token=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        headers = {"content-type": "application/json", **({"authorization": "Bearer " + token} if token else {})}
        connection.request(method, "/api/v1" + path, json.dumps(body) if body is not None else None, headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()


def json_of(answer):
    status, text = answer
    assert status in (200, 201), answer
    return json.loads(text)


def auditor(server):
    """The first administrator, and somebody who reads the records."""
    admin = json_of(server.call("POST", "/auth/setup", {"token": server.link, "company": "远山集团", "name": "陈立", "login": "admin", "password": PASSWORD}))["access_token"]
    unit = json_of(server.call("GET", "/org-units", token=admin))["items"][0]["id"]

    def person(by, login, role):
        made = json_of(server.call("POST", "/people", {"name": login, "login": login, "unit_id": unit, "title": "职员"}, admin))
        roles = json_of(server.call("GET", "/roles", token=by))["items"]
        grant = {"role_id": next(one["id"] for one in roles if one["code"] == role), "scope": "all"}
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
        headers = {"content-type": "application/json", "authorization": "Bearer " + by, "if-match": f'"{made["person"]["version"]}"'}
        connection.request("POST", f"/api/v1/people/{made['person']['id']}/roles", json.dumps(grant), headers)
        answer = connection.getresponse()
        assert answer.status in (200, 201), answer.read()
        first = json_of(server.call("POST", "/auth/login", {"login": login, "password": made["initial_password"]}))["access_token"]
        return json_of(server.call("POST", "/auth/password", {"current_password": made["initial_password"], "new_password": PASSWORD}, first))["access_token"]

    security = person(admin, "security", "security_administrator")
    reader = person(security, "wu.shen", "auditor")
    def lasting(token, scopes):
        return json_of(server.call("POST", "/me/tokens", {"name": "t", "scopes": scopes, "expires_at": "2099-01-01T00:00:00Z"}, token))["token"]
    return lasting(admin, ["tickets.report"]), lasting(reader, ["records.read"])


def play(url, data):
    servers = [Server(url, data)]
    reporter, reader = auditor(servers[0])
    servers += [Server(url, data), Server(url, data)]
    stop, seen, signed, made = threading.Event(), {}, set(), [0]

    def write(server):
        while not stop.is_set():
            try:
                status, _ = server.call("POST", "/tickets", {"kind": "request", "title": "围栏"}, reporter)
                made[0] += status == 201
            except OSError:
                pass

    def look(server):
        while not stop.is_set():
            try:
                status, note = server.call("GET", "/log/checkpoint", token=reader)
            except OSError:
                continue
            if status == 200:
                origin, size, root = note.split("\n")[:3]
                seen.setdefault((origin, int(size)), set()).add((root, note))

    def look_aside():
        anchor = pathlib.Path(data) / "log.checkpoint"
        while not stop.is_set():
            note = anchor.read_text()
            origin, size, root = note.split("\n")[:3]
            seen.setdefault((origin, int(size)), set()).add((root, note))
            signed.add(int(size))
            time.sleep(0.001)

    workers = [threading.Thread(target=look_aside, daemon=True)]
    workers += [threading.Thread(target=work, args=(server,), daemon=True) for server in servers for work in (write, write, look)]
    for worker in workers:
        worker.start()
    end, stops = time.monotonic() + SECONDS, 0
    try:
        while time.monotonic() < end:
            # Longer than a lease, now and then: its holder believes that it still has it when it goes on.
            victim = random.choice(servers).process
            victim.send_signal(signal.SIGSTOP)
            time.sleep(random.choice([0.05, 0.3, 1, 6]))
            victim.send_signal(signal.SIGCONT)
            stops += 1
            time.sleep(random.uniform(0, 0.5))
    finally:
        for server in servers:
            server.process.send_signal(signal.SIGCONT)
    stop.set()
    for worker in workers:
        worker.join(30)
    time.sleep(3)
    key = json_of(servers[0].call("GET", "/log", token=reader))["key"]
    for server in servers:
        server.process.terminate()
        server.process.wait()
    return seen, signed, made[0], stops, key


def main():
    name = f"fencing_{os.getpid()}"
    url = POSTGRES.rsplit("/", 1)[0] + "/" + name
    subprocess.run(["psql", "-Xq", "-c", f"create database {name}", POSTGRES], check=True)
    with tempfile.TemporaryDirectory() as data:
        seen, signed, made, stops, key = play(url, data)
        origins = {origin for origin, _ in seen}
        torn = {size: roots for (_, size), roots in seen.items() if len({root for root, _ in roots}) > 1}
        if torn or len(origins) != 1:
            sys.exit(f"fencing: two roots of one size {torn}; names {origins}")
        kept = subprocess.run(["psql", "-XAtc", "select size, note from audit_checkpoint order by size desc limit 1", url], check=True, capture_output=True, text=True).stdout
        if not made or not kept or len(seen) < 5 or len(signed) < 5:
            sys.exit(f"fencing: nothing was shown: {made} tickets, {len(seen)} checkpoints, {len(signed)} of them before they were shown")
        sizes = sorted(size for _, size in seen)
        for size in sizes[:: max(1, len(sizes) // 10)] + sizes[-1:]:
            old = pathlib.Path(data) / "old"
            old.write_text(next(note for (_, at), roots in seen.items() if at == size for _, note in roots))
            subprocess.run([PROGRAM, "verify-log", "--database", "--database-url", url, "--key", key, "--old", str(old)], check=True, stdout=subprocess.DEVNULL)
    subprocess.run(["psql", "-Xq", "-c", f"drop database {name} with (force)", POSTGRES], check=True)
    print(f"fencing: {stops} stops, {made} tickets, {len(seen)} checkpoints seen; never two roots of one size, never a second name")


main()
