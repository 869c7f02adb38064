#!/usr/bin/env python3
"""A PostgreSQL whose machine is lost, with its last seconds in an archive: `zhidu wal` brings it back to the last record, and to a moment
before; and what is damaged or missing in the archive stops the recovery instead of shortening it.

    tests/wal.py [path of zhidu, default target/debug/zhidu]
"""
import contextlib, glob, json, os, pathlib, re, shutil, subprocess, sys, tempfile, time, urllib.request

from company import ENV, ROOT, call, fail, free_port, served, stop, until
from store import KEY, SECRET

# Of no worth: everybody reads it here.
SECRET_KEY = "AGE-SECRET-KEY-1QYQSZQGPQYQSZQGPQYQSZQGPQYQSZQGPQYQSZQGPQYQSZQGPQYQSZ9K4CN"
PUBLIC_KEY = "age15nsf9y4k28p83wth93tf7hafhvfajp45d2mge80ems45gz0c5gys3me64l"
BIN = sorted(glob.glob("/usr/lib/postgresql/*/bin"), key=lambda path: int(path.split("/")[4]))[-1]
ROOTED = os.geteuid() == 0
AS = ["runuser", "-u", "postgres", "--"] if ROOTED else []
MISSING, STOPS = 1, 200


def wanted(condition, why):
    if not condition:
        fail(why)


class Machine:
    """A PostgreSQL that archives, and the archive; all of it belongs to who runs PostgreSQL."""

    def __init__(self, folder):
        self.folder, self.port = folder, free_port()
        self.archive, self.identity, self.program = folder / "archive", folder / "recovery.key", folder / "zhidu"
        self.archive.mkdir()
        (folder / "scratch").mkdir()
        self.identity.write_text(SECRET_KEY + "\n")
        # A build lies where other users may not look.
        shutil.copy(sys.argv[1] if len(sys.argv) > 1 else ROOT / "target/debug/zhidu", self.program)
        self.own(folder)
        self.url = f"postgres://postgres@127.0.0.1:{self.port}/postgres"
        self.begin("pg")

    def own(self, path):
        if ROOTED:
            subprocess.run(["chown", "-R", "postgres", str(path)], check=True)

    def begin(self, name):
        self.run(BIN + "/initdb", "-D", self.folder / name, "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C")
        command = f'{self.program} wal archive --to {self.archive} --backup-recipient {PUBLIC_KEY} "%p" %f'
        settings = {
            "port": self.port, "listen_addresses": "127.0.0.1", "unix_socket_directories": self.folder, "wal_level": "replica", "archive_mode": "on",
            "archive_timeout": 2, "archive_command": command, "max_connections": 60,
        }  # fmt: skip
        with open(self.folder / name / "postgresql.conf", "a") as conf:
            conf.writelines(f"{key} = '{value}'\n" for key, value in settings.items())
        self.start(name)

    def run(self, *command, fine=True):
        done = subprocess.run([*AS, *map(str, command)], capture_output=True, text=True, env=ENV, cwd=self.folder)
        wanted(done.returncode == 0 or not fine, f"{command}: {done.stdout}{done.stderr}")
        return (done.stdout + done.stderr) if fine else (done.returncode, done.stdout + done.stderr)

    def start(self, name):
        """Says whether it lets somebody in, or else has ended. While it recovers it does neither."""
        self.run(BIN + "/pg_ctl", "-D", self.folder / name, "-w", "-t", "60", "-l", self.folder / f"{name}.log", "start", fine=False)
        asked = lambda: self.run(BIN + "/pg_isready", "-q", "-d", self.url, fine=False)[0]
        ended = lambda: not (self.folder / name / "postmaster.pid").exists()
        return until("the end of the recovery", lambda: "in" if asked() == 0 else ended() and "ended") == "in"

    def stop(self, name):
        if (self.folder / name / "postmaster.pid").exists():
            self.run(BIN + "/pg_ctl", "-D", self.folder / name, "-m", "immediate", "-w", "stop", fine=False)

    def sql(self, text, role="postgres"):
        url = self.url.replace("postgres@", role + "@", 1)
        return self.run(BIN + "/psql", "-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-d", url, "-c", text).strip()

    def titles(self):
        return self.sql("select string_agg(title, ' ' order by title) from ticket").split()

    def archived(self, segment):
        return sorted(self.archive.glob(segment + ".*.zst.age"))

    def flush(self):
        """Everything that is written so far is in the archive from here on."""
        segment = self.sql("select pg_walfile_name(pg_switch_wal())")
        until(f"the archiving of {segment}", lambda: self.archived(segment))
        return segment

    def wal(self, *arguments, rooted=False):
        """As who runs PostgreSQL."""
        done = subprocess.run([*([] if rooted else AS), self.program, "wal", *map(str, arguments)], capture_output=True, text=True, env={**ENV, "ZHIDU_LOG": "info"}, cwd=self.folder)
        return done.returncode, done.stderr + done.stdout

    def fine(self, *arguments):
        code, said = self.wal(*arguments)
        wanted(code == 0, f"{' '.join(map(str, arguments))}: {said}")
        return said

    def refused(self, words, *arguments, code=1, rooted=False):
        ended, said = self.wal(*arguments, rooted=rooted)
        wanted(ended == code and words in said, f"{' '.join(map(str, arguments))} ended with {ended}, wanted {code}, and said: {said}")


@contextlib.contextmanager
def serving(machine, data):
    """A server of a company that is there already."""
    command = [machine.program, "serve", "--database-url", machine.url, "--data-dir", data, "--listen", "127.0.0.1:0"]
    server = subprocess.Popen(list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=ENV)
    try:
        said = ""
        while not (ready := re.search(r"is ready: (\S+)", said)):
            said += server.stdout.readline() or fail("the server ended before it was ready")
        yield ready[1]
    finally:
        stop(server)


def report(company, *titles):
    for title in titles:
        call("POST", company.api + "/tickets", {"kind": "request", "title": title}, company.admin)


def upload(company):
    headers = {"content-type": "application/octet-stream", "authorization": "Bearer " + company.admin}
    with urllib.request.urlopen(urllib.request.Request(company.api + "/files?name=a.zip", b"PK\x03\x04" + os.urandom(50_000), headers)) as answer:
        return answer.read()


def doctor(machine, data):
    done = subprocess.run([machine.program, "doctor", "--json", "--database-url", machine.url, "--data-dir", data], capture_output=True, text=True, env=ENV)
    [found] = [found for found in json.loads(done.stdout) if found["check"] == "wal archive"]
    return found["verdict"], found["found"]


def signed(data):
    """How many records the log had when it was signed last, as it stands outside the database."""
    return (data / "log.checkpoint").read_text().splitlines()[1]


def refusals(machine, take):
    """What a base is not taken of, or by whom."""
    machine.sql("create role clerk login; grant pg_read_all_data to clerk")
    machine.refused('alter role "clerk" replication', *take(machine.url.replace("postgres@", "clerk@", 1)))
    machine.refused("of PostgreSQL", *take(machine.folder / "none.db"))
    machine.sql("alter role clerk replication")
    for setting, words in [("''", "nothing is archived"), ("'false'", "archiving fails")]:
        machine.sql(f"alter system set archive_command = {setting}")
        machine.sql("select pg_reload_conf()")
        if setting == "'false'":
            machine.sql("create table filled as select 1 as one; drop table filled; select pg_switch_wal()")
            until("a failure of the archiving", lambda: machine.sql("select last_failed_time > last_archived_time from pg_stat_archiver") == "t")
            verdict, found = doctor(machine, machine.folder / "data")
            wanted(verdict == "wrong" and "could not be archived" in found, f"the doctor says {verdict}: {found}")
        machine.refused(words, *take())
    other = machine.folder / "elsewhere"
    other.mkdir()
    machine.own(other)
    machine.sql("alter system reset archive_command")
    machine.sql("select pg_reload_conf()")
    until("the next archiving", lambda: machine.sql("select last_failed_time < last_archived_time from pg_stat_archiver") == "t")
    machine.refused("archives elsewhere", *take(to=other))
    wanted(not [*other.iterdir()], f"a base that was refused has left {[*other.iterdir()]}")


def segments(machine, folder):
    """What is brought once is never replaced, and only what is not there is missing."""
    name, file, got = "0000000900000000000000A1", folder / "segment", folder / "got"
    bring = ["archive", "--to", machine.archive, "--backup-recipient", PUBLIC_KEY, file, name]
    fetch = ["fetch", "--from", machine.archive, "--backup-identity", machine.identity]
    file.write_bytes(b"one" * 100_000)
    machine.fine(*bring)
    machine.fine(*bring)
    machine.fine(*fetch, name, got)
    wanted(got.read_bytes() == file.read_bytes(), "what was fetched is not what was brought")
    file.write_bytes(b"two" * 100_000)
    machine.refused("another content", *bring)
    machine.refused("is no name", *bring[:-1], "../" + name, code=2)
    machine.refused("[away]", "archive", "--to", folder / "none", file, name)
    machine.refused("", *fetch, "0000000900000000000000A2", got, code=MISSING)
    machine.refused("[no_identity]", "fetch", "--from", machine.archive, name, got, code=STOPS)
    machine.refused("[away]", "fetch", "--from", folder / "none", name, got, code=STOPS)
    machine.refused("nothing in it", "fetch", "--from", folder / "scratch", name, got, code=STOPS)
    machine.refused("--form", "fetch", "--form", machine.archive, name, got, code=STOPS)
    for path in machine.archived(name):
        path.unlink()


def bucket(machine, folder, store):
    """The same in a bucket."""
    credentials = folder / "credentials"
    credentials.write_text(f"aws_access_key_id = {KEY}\naws_secret_access_key = {SECRET}\n")
    credentials.chmod(0o644)
    place = f"s3://plain/wal-{os.urandom(4).hex()}?endpoint={store}"
    file, got, reach = folder / "segment", folder / "got", ["--credentials", credentials]
    name = lambda last: f"0000000900000000000000A{last}"
    fetch = ["fetch", "--from", place, "--backup-identity", machine.identity, *reach]
    machine.refused("nothing in it", *fetch, name(1), got, code=STOPS)
    for last in [1, 3]:
        machine.fine("archive", "--to", place, "--backup-recipient", PUBLIC_KEY, *reach, file, name(last))
    machine.fine("archive", "--to", place, "--backup-recipient", PUBLIC_KEY, *reach, file, name(1))
    machine.fine(*fetch, name(3), got)
    wanted(got.read_bytes() == file.read_bytes(), "what came out of the bucket is not what was brought")
    file.write_bytes(b"another")
    machine.refused("another content", "archive", "--to", place, *reach, file, name(1))
    machine.refused("is missing, and", *fetch, name(2), got, code=STOPS)
    machine.refused("", *fetch, name(4), got, code=MISSING)


def recovered(machine, name, *arguments):
    """The cluster that comes of the archive, running."""
    machine.fine("restore", *arguments, machine.folder / name)
    begun = time.monotonic()
    wanted(machine.start(name), f"it does not come up: {(machine.folder / f'{name}.log').read_text()[-3000:]}")
    wanted(machine.sql("show archive_mode") == "off", "what was restored writes into the archive")
    return time.monotonic() - begun


@contextlib.contextmanager
def spoiled(path, spoil):
    """A file of the archive, damaged or away for a while."""
    whole = path.read_bytes()
    spoil(path, whole)
    yield
    path.write_bytes(whole)


def flipped(path, whole):
    path.write_bytes(whole[:-9] + bytes([whole[-9] ^ 1]) + whole[-8:])


def play(folder, machine):
    data = folder / "data"
    # The key of the log is its owner's.
    keys = folder / "keys"
    take = lambda url=machine.url, to=machine.archive: ["base", "--to", to, "--backup-recipient", PUBLIC_KEY, "--data-dir", keys, "--database-url", url]
    with served(folder, "--database-url", machine.url) as (url, company):
        shutil.copytree(data, keys)
        machine.own(keys)
        report(company, "1-before")
        upload(company)
        machine.flush()
        refusals(machine, take)
        machine.refused("is missing", *take())
        begun = time.monotonic()
        said = machine.fine(*take(), "--without-files")
        took = time.monotonic() - begun
        key = said.split()[-1]
        report(company, "2-after-the-base")
        time.sleep(1.1)
        noted = machine.sql("select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')")
        time.sleep(1.1)
        report(company, "3-after-the-noted-time")
        until("a signature of what happened after the noted time", lambda: signed(data) == machine.sql("select count(*) from audit_record"))
        machine.flush()
        report(company, "4-last")
        shutil.copytree(data / "files", keys / "files", dirs_exist_ok=True)
        machine.own(keys)
        machine.fine(*take(machine.url.replace("postgres@", "clerk@", 1)))
        report(company, "5-later")
        machine.flush()
        report(company, "6-very-last")
        machine.flush()
        until("a fine archive", lambda: doctor(machine, data)[0] == "ok", lambda: str(doctor(machine, data)))
        with urllib.request.urlopen(url + "/metrics") as answer:
            measured = answer.read().decode()
        wanted("zhidu_wal_archived_age_seconds " in measured and "zhidu_wal_archive_failures " in measured, "nothing is measured of the archive")
        machine.stop("pg")
    shutil.rmtree(folder / "pg")

    opened = ["--from", machine.archive, "--backup-identity", machine.identity, "--key", key]
    check = ["check", *opened, "--scratch", folder / "scratch"]
    if ROOTED:
        machine.refused("does not run as root", *check, rooted=True)
    drilled = machine.fine(*check)
    wanted("fine: zhidu-base-" in drilled, drilled)
    wanted(not [*(folder / "scratch").iterdir()], f"the drill has left {[*(folder / 'scratch').iterdir()]}")
    machine.refused("[no_identity]", "check", "--from", machine.archive, "--key", key, "--scratch", folder / "scratch")
    copied = sorted(machine.archive.glob("zhidu-base-*/base.tar.zst.age"))[-1]
    with spoiled(copied, flipped):
        machine.refused("base.tar.zst.age is damaged", *check)
    *_, before, last = (path for path in sorted(machine.archive.iterdir()) if re.match(r"[0-9A-F]{24}\.[0-9a-f]{64}", path.name))
    lost = lambda path, _: path.unlink()
    for path, spoil, words in [(last, flipped, f"{last.name} is damaged"), (before, lost, f"{before.name[:24]} is missing, and")]:
        with spoiled(path, spoil):
            machine.refused(words, *check)
            machine.fine("restore", *opened, folder / "spoiled")
            came_up = machine.start("spoiled")
            log = (folder / "spoiled.log").read_text()
            wanted(not came_up and words in log, f"PostgreSQL came up without {path.name}: {log}")
            shutil.rmtree(folder / "spoiled")

    end = recovered(machine, "end", *opened, "--data-dir", folder / "put-back")
    everything = ["1-before", "2-after-the-base", "3-after-the-noted-time", "4-last", "5-later", "6-very-last"]
    wanted(machine.titles() == everything, f"of all tickets {machine.titles()} came back")
    wanted([path.name for path in (folder / "put-back/files").rglob("*") if path.is_file()], "the upload was not put back")
    machine.refused("there is something already", "restore", *opened, folder / "end")
    said = subprocess.run([machine.program, "verify-log", "--database", "--database-url", machine.url, "--key", key], capture_output=True, text=True, env=ENV)
    wanted(said.returncode == 0 and "verified:" in said.stdout, f"the log does not verify: {said.stdout}{said.stderr}")
    machine.stop("end")

    machine.refused("the earliest moment", "restore", *opened, "--to-time", "2020-01-01T00:00:00Z", folder / "moment")
    recovered(machine, "moment", *opened, "--to-time", noted)
    wanted(machine.titles() == everything[:2], f"at {noted} there were {machine.titles()}")
    with serving(machine, data):
        origins = int(machine.sql("select count(*) from audit_origin"))
    wanted(origins == 2, f"a log whose records are missing has {origins} names")
    machine.stop("moment")
    size = sum(path.stat().st_size for path in machine.archive.rglob("*") if path.is_file())
    print(f"wal: base {took:.1f} s, recovery {end:.1f} s, archive {size >> 10} KiB; {drilled.strip().splitlines()[-1]}")


def main():
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        machine = Machine(folder)
        try:
            segments(machine, folder)
            if store := os.environ.get("ZHIDU_TEST_S3"):
                bucket(machine, folder, store)
            play(folder, machine)
        finally:
            for name in ["pg", "spoiled", "end", "moment"]:
                machine.stop(name)


main()
