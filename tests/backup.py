#!/usr/bin/env python3
"""Kills `zhidu backup` and `zhidu restore` with SIGKILL at random moments, again and again.

A killed backup leaves nothing that looks like one; the next removes what it left. A killed restore either changed nothing or is
known to be unfinished: no server starts there until it was run again, and then everything is there.

    tests/backup.py [rounds, default 15] [path of zhidu, default target/debug/zhidu]
"""
import hashlib, json, os, pathlib, random, re, shutil, signal, subprocess, sys, tempfile, time, urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
ROUNDS = int(sys.argv[1]) if len(sys.argv) > 1 else 15
PROGRAM = sys.argv[2] if len(sys.argv) > 2 else str(ROOT / "target/debug/zhidu")
ENV = {**{name: value for name, value in os.environ.items() if not name.startswith("ZHIDU_") and name != "DATABASE_URL"}, "ZHIDU_LOG": "error"}


def zhidu(*arguments):
    done = subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True, env=ENV)
    return done.returncode, done.stdout + done.stderr


def killed_after(seconds, *arguments):
    process = subprocess.Popen([PROGRAM, *map(str, arguments)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=ENV)
    try:
        process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.wait()


def killed_when(mark, pause, *arguments):
    """As soon as a file is there, and a little later."""
    process = subprocess.Popen([PROGRAM, *map(str, arguments)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=ENV)
    while process.poll() is None and not mark.exists():
        pass
    time.sleep(pause)
    process.send_signal(signal.SIGKILL)
    process.wait()


def wanted(condition, why):
    if not condition:
        sys.exit(f"backup: {why}")


def whole(target):
    return sorted(path for path in target.iterdir() if not path.name.startswith("."))


UPLOADS = 20


def seed(data):
    """A company with some records, and uploads."""
    process = subprocess.Popen([PROGRAM, "serve", "--data-dir", str(data), "--listen", "127.0.0.1:0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=ENV)
    said = ""
    while not (link := re.search(r"(http://\S+?)/setup\?token=(\S+)", said)):
        said += process.stdout.readline() or sys.exit("backup: the server ended before it was ready")

    def post(path, body, media_type="application/json", token=None):
        headers = {"content-type": media_type, **({"authorization": "Bearer " + token} if token else {})}
        with urllib.request.urlopen(urllib.request.Request(link[1] + "/api/v1" + path, body, headers)) as answer:
            return json.load(answer)

    setup = {"token": link[2], "company": "远山集团", "name": "陈立", "login": "admin", "password": "Restored-2026!as-it-was"}
    token = post("/auth/setup", json.dumps(setup).encode())["access_token"]
    for number in range(100):
        post("/tickets", json.dumps({"kind": "request", "title": str(number)}).encode(), token=token)
    for number in range(UPLOADS):
        post(f"/files?name={number}.zip", b"PK\x03\x04" + random.randbytes(400_000), "application/octet-stream", token)
    process.terminate()
    process.stdout.read()
    process.wait()


def uploads(files):
    """Those that are there and are what they were: each is called by its hash."""
    there = [path for path in files.rglob("*") if path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == path.name]
    return len({path.name for path in there if "replaced-" not in str(path)})


with tempfile.TemporaryDirectory() as folder:
    folder = pathlib.Path(folder)
    data, target = folder / "data", folder / "target"
    target.mkdir()
    seed(data)
    begun = time.monotonic()
    code, said = zhidu("backup", "--data-dir", data, target)
    wanted(code == 0, said)
    usual = time.monotonic() - begun
    [backup] = whole(target)

    killed = 0
    for _ in range(ROUNDS):
        before = len(whole(target))
        killed_after(random.uniform(0, usual), "backup", "--data-dir", data, target)
        killed += len(whole(target)) == before
        for one in whole(target):
            code, said = zhidu("restore", "--check", "--data-dir", data, one)
            wanted(code == 0, f"{one.name} looks like a backup and is none: {said}")
    wanted(killed > 0, "no backup was killed in time")
    code, said = zhidu("backup", "--data-dir", data, target)
    wanted(code == 0, said)
    left = [path for path in [*target.iterdir(), *data.iterdir()] if path.name.startswith(".")]
    wanted(not left, f"what the dead left is still there: {left}")

    begun = time.monotonic()
    wanted(zhidu("restore", "--data-dir", folder / "first", backup)[0] == 0, "it is not restored")
    usual = time.monotonic() - begun
    unfinished = 0
    for number in range(ROUNDS):
        place = folder / f"place-{number}"
        if number % 2:
            killed_after(random.uniform(0, usual), "restore", "--data-dir", place, backup)
        else:
            killed_when(place / "RESTORING", random.uniform(0, 0.01), "restore", "--data-dir", place, backup)
        half = (place / "RESTORING").exists()
        unfinished += half
        if half:
            code, said = zhidu("serve", "--data-dir", place, "--listen", "127.0.0.1:0")
            wanted(code != 0 and "interrupted" in said, f"a server started on a half restored folder: {said}")
        if half or not (place / "zhidu.db").exists():
            code, said = zhidu("restore", "--data-dir", place, backup)
            wanted(code == 0, f"a killed restore cannot be repeated: {said}")
        again = folder / "again"
        again.mkdir()
        (place / "log.key").write_text((data / "log.key").read_text())
        code, said = zhidu("backup", "--data-dir", place, again)
        wanted(code == 0, said)
        code, said = zhidu("restore", "--check", "--data-dir", data, *whole(again))
        wanted(code == 0, f"what was restored is not whole: {said}")
        wanted(uploads(place / "files") == UPLOADS, "files are missing")
        shutil.rmtree(again)
        shutil.rmtree(place)
    wanted(unfinished > 0, "no restore was killed in time")
    print(f"backup: {killed} backups and {unfinished} restores were killed half-way; nothing half was taken for whole")
