#!/usr/bin/env python3
"""Backups straight into a bucket of SeaweedFS, killed at random moments, and left alone by a store that is killed in their midst.

What was killed never looks like a backup; what looks like one can be put back, and in the end is, on another machine as it were.
Without SeaweedFS (tests/seaweedfs/requirements.txt) it says that it was skipped; in continuous integration (CI is set) that is a failure.

    tests/s3.py [path of zhidu, default target/debug/zhidu]
"""
import hashlib, pathlib, random, signal, subprocess, sys, tempfile, time, urllib.request

from company import ENV, ROOT, call, fail, needs, served
from store import KEY, WEED, Store

ROUNDS, UPLOADS = 6, 20
PROGRAM = sys.argv[1] if len(sys.argv) > 1 else str(ROOT / "target/debug/zhidu")


def begun(*arguments):
    return subprocess.Popen([PROGRAM, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=ENV)


def zhidu(*arguments):
    process = begun(*arguments)
    said, _ = process.communicate()
    return process.returncode, said


def fine(*arguments):
    code, said = zhidu(*arguments)
    return said if code == 0 else fail(f"{' '.join(map(str, arguments))}: {said}")


def seed(folder):
    """A company with tickets, and uploads that go in several parts."""
    with served(folder) as (url, company):
        for number in range(20):
            call("POST", company.api + "/tickets", {"kind": "request", "title": str(number)}, company.admin)
        for number in range(UPLOADS):
            headers = {"content-type": "application/octet-stream", "authorization": "Bearer " + company.admin}
            content = b"PK\x03\x04" + random.randbytes(1_500_000)
            with urllib.request.urlopen(urllib.request.Request(f"{company.api}/files?name={number}.zip", content, headers)) as answer:
                answer.read()
    return folder / "data"


def play(folder, store):
    data, key = seed(folder), store.credentials()
    at = lambda path="": store.place("locked/zhidu" + path, lock="1d")
    backup = ("backup", "--data-dir", data, "--credentials", key, at())
    whole = lambda: fine("restore", "--list", "--credentials", key, at()).split()
    start = time.monotonic()
    fine(*backup)
    usual = time.monotonic() - start
    checked, killed = set(), 0

    def check():
        """What looks like a backup is one."""
        for name in set(whole()) - checked:
            fine("restore", "--check", "--data-dir", data, "--credentials", key, at("/" + name))
            checked.add(name)

    check()
    for _ in range(ROUNDS):
        before = len(whole())
        process = begun(*backup)
        try:
            process.wait(timeout=random.uniform(usual / 3, usual))
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
        killed += len(whole()) == before
        check()
    if not killed:
        fail("no backup was killed in time")

    before = whole()
    process = begun(*backup)
    time.sleep(usual * 0.6)
    alone = process.poll() is None
    store.stop()
    said, _ = process.communicate()
    if alone and (process.returncode == 0 or "[away]" not in said):
        fail(f"the store was killed, and the backup said: {said}")
    store.start()
    if alone and whole() != before:
        fail("what the store had lost looks like a backup")
    fine(*backup)
    check()

    place = folder / "elsewhere"
    said = fine("restore", "--data-dir", place, "--credentials", key, at("/" + whole()[-1]))
    files = [path for path in (place / "files").rglob("*") if path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == path.name]
    if "restored:" not in said or len(files) != UPLOADS:
        fail(f"{len(files)} of {UPLOADS} uploads came back: {said}")
    code, said = zhidu("backup", "--data-dir", data, "--credentials", store.credentials(KEY, "wrong"), at())
    if code == 0 or "[refused]" not in said:
        fail(f"a wrong key was answered: {said}")
    return killed, len(checked), alone


def main():
    if not needs([WEED]):
        return
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        store = Store(folder / "store")
        store.start()
        try:
            store.make_buckets()
            killed, whole, alone = play(folder, store)
        finally:
            store.stop()
    cut = ", one was left alone by its store" if alone else ""
    print(f"s3: {killed} backups were killed on their way into a bucket{cut}; {whole} were whole, and one was put back")


main()
