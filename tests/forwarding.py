#!/usr/bin/env python3
"""The log arrives whole at a real rsyslog, over TCP and over TLS, although rsyslog is stopped and started meanwhile; and what arrives
are events of OCSF, by a validator that others have written.

Without /usr/sbin/rsyslogd (Debian: apt-get install --no-install-recommends rsyslog rsyslog-gnutls) it says that it was skipped; in
continuous integration (CI is set) that is a failure.

    tests/forwarding.py [path of zhidu, default target/debug/zhidu]
"""
import json, os, pathlib, re, socket, subprocess, sys, tempfile, time, urllib.error, urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAM = sys.argv[1] if len(sys.argv) > 1 else str(ROOT / "target/debug/zhidu")
RSYSLOG = "/usr/sbin/rsyslogd"
GNUTLS = pathlib.Path("/usr/lib")
ENV = {**{name: value for name, value in os.environ.items() if not name.startswith("ZHIDU_") and name != "DATABASE_URL"}, "ZHIDU_LOG": "error"}
PASSWORD = "Forwarded-2026!as-promised"
SECONDS = 60
VENV = ROOT / "target/ocsf"
VALIDATE = """
import json, sys, warnings
warnings.filterwarnings("ignore")
import jsonschema
from ocsf_json_schema import OcsfJsonSchemaEmbedded, get_ocsf_schema
catalogue, known = get_ocsf_schema("1.8.0"), {}
names = {one["uid"]: name for name, one in catalogue["classes"].items() if "uid" in one}
made = OcsfJsonSchemaEmbedded(catalogue)
seen = 0
for line in sys.stdin:
    event = json.loads(line)
    uid = event["class_uid"]
    if uid not in known:
        known[uid] = jsonschema.Draft202012Validator(made.get_class_schema(names[uid], profiles=[]))
    known[uid].validate(event)
    seen += 1
broken = {**event, "severity_id": "high"}
if known[uid].is_valid(broken):
    sys.exit("the validator takes anything")
print(seen, len(known))
"""

CONFIG = """
global(workDirectory="{folder}" maxMessageSize="64k"
       defaultNetstreamDriverCAFile="{cert}" defaultNetstreamDriverCertFile="{cert}" defaultNetstreamDriverKeyFile="{key}")
module(load="imtcp")
template(name="all" type="string" string="%rawmsg%\\n")
ruleset(name="plain") {{ action(type="omfile" file="{folder}/plain" template="all") }}
ruleset(name="tls") {{ action(type="omfile" file="{folder}/tls" template="all") }}
input(type="imtcp" port="{plain}" address="127.0.0.1" ruleset="plain")
input(type="imtcp" port="{tls}" address="127.0.0.1" ruleset="tls" streamDriver.name="gtls" streamDriver.mode="1" streamDriver.authMode="anon")
"""


def call(method, url, body=None, token=None, headers=None):
    headers = {"content-type": "application/json", **({"authorization": "Bearer " + token} if token else {}), **(headers or {})}
    request = urllib.request.Request(url, json.dumps(body).encode() if body is not None else None, headers, method=method)
    with urllib.request.urlopen(request, timeout=20) as answer:
        text = answer.read()
    return json.loads(text) if text else None


def until(what, look, shown=lambda: ""):
    """What `look` finds, as soon as it finds something; else how it is `shown`."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        if found := look():
            return found
        time.sleep(0.2)
    sys.exit(f"forwarding: {what} did not happen within {SECONDS} seconds {shown()}")


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def company(api, link):
    """An administrator, and an auditor who reads the log."""
    admin = call("POST", api + "/auth/setup", {"token": link, "company": "远山集团", "name": "陈立", "login": "admin", "password": PASSWORD})["access_token"]
    unit = call("GET", api + "/org-units", token=admin)["items"][0]["id"]

    def person(by, login, role):
        made = call("POST", api + "/people", {"name": login, "login": login, "unit_id": unit, "title": "职员"}, admin)
        roles = call("GET", api + "/roles", token=by)["items"]
        grant = {"role_id": next(one["id"] for one in roles if one["code"] == role), "scope": "all"}
        call("POST", f"{api}/people/{made['person']['id']}/roles", grant, by, {"if-match": f'"{made["person"]["version"]}"'})
        first = call("POST", api + "/auth/login", {"login": login, "password": made["initial_password"]})["access_token"]
        return call("POST", api + "/auth/password", {"current_password": made["initial_password"], "new_password": PASSWORD}, first)["access_token"]

    return admin, unit, person(person(admin, "security", "security_administrator"), "auditor", "auditor")


def rsyslog(folder):
    with open(folder / "rsyslog.log", "a") as log:
        return subprocess.Popen([RSYSLOG, "-n", "-f", str(folder / "rsyslog.conf"), "-i", str(folder / "pid")], stdout=log, stderr=log)


def stop(process):
    process.terminate()
    process.wait()


def events(path):
    """The events in the order in which they arrived; the header is the same for all."""
    found = []
    for line in path.read_text().splitlines():
        head = re.match(r"<1(?:10|08)>1 \d{4}-\d\d-\d\dT\S+Z \S+ zhidu - [\w.]+ \[origin software=\"Zhidu\" swVersion=\"[^\"]+\"\] ", line)
        if not head:
            sys.exit(f"forwarding: an odd message: {line[:200]}")
        found.append(json.loads(line[head.end():]))
    return found


def play(api, folder, admin, unit, auditor):
    receivers = lambda: call("GET", api + "/log/receivers", token=auditor)["items"]
    whole = lambda: len(receivers()) == 2 and all(one["waiting"] == 0 for one in receivers())
    until("the first failure", lambda: len(receivers()) == 2 and all(one["failing_since"] for one in receivers()))
    for turn in range(3):
        process = rsyslog(folder)
        try:
            for number in range(40):
                call("POST", api + "/org-units", {"name": f"第 {turn}-{number} 科", "code": f"U{turn}-{number}", "kind": "unit", "parent_id": unit}, admin)
                # Also in the middle of it. Not by a kill: what a receiver has taken over and not written yet is then lost with it.
                if turn == 1 and number == 20:
                    stop(process)
                    process = rsyslog(folder)
            until(f"whole delivery {turn}", whole, receivers)
        finally:
            stop(process)
    size = receivers()[0]["confirmed"]
    lines = []
    for name in ["plain", "tls"]:
        got = events(folder / name)
        places = [one["metadata"]["sequence"] for one in got]
        if sorted(set(places))[: size] != list(range(size)):
            sys.exit(f"forwarding: {name} misses {sorted(set(range(size)) - set(places))[:10]} of {size}")
        lines += got
    python = VENV / "bin/python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", VENV], check=True)
        subprocess.run([VENV / "bin/pip", "install", "--quiet", "--disable-pip-version-check", "ocsf-json-schema==1.2.0", "jsonschema>=4.23,<5"], check=True)
    text = "".join(json.dumps(one) + "\n" for one in lines)
    said = subprocess.run([python, "-c", VALIDATE], input=text, capture_output=True, text=True)
    if said.returncode:
        sys.exit(f"forwarding: {said.stderr[-3000:]}")
    return size, len(lines) - 2 * size, *said.stdout.split()


def main():
    missing = [path for path in [RSYSLOG] if not os.path.exists(path)] + ([] if list(GNUTLS.glob("*/rsyslog/lmnsd_gtls.so")) else ["rsyslog-gnutls"])
    if missing:
        if os.environ.get("CI"):
            sys.exit(f"forwarding: {missing} is not there")
        print(f"forwarding: SKIPPED, {missing} is not there")
        return
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        cert, key = folder / "cert.pem", folder / "key.pem"
        make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-addext", "basicConstraints=critical,CA:FALSE"]
        subprocess.run([*make, "-keyout", key, "-out", cert], check=True, capture_output=True)
        plain, tls = free_port(), free_port()
        (folder / "rsyslog.conf").write_text(CONFIG.format(folder=folder, cert=cert, key=key, plain=plain, tls=tls))
        flags = ["--forward", f"plain=tcp://127.0.0.1:{plain}", "--forward", f"tls=tls://localhost:{tls}", "--forward-ca", str(cert)]
        server = subprocess.Popen(
            [PROGRAM, "serve", "--data-dir", str(folder / "data"), "--listen", "127.0.0.1:0", *flags], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=ENV
        )
        try:
            said = ""
            while not (link := re.search(r"(http://\S+?)/setup\?token=(\S+)", said)):
                said += server.stdout.readline() or sys.exit("forwarding: the server ended before it was ready")
            url, token = link.groups()
            size, twice, valid, classes = play(url + "/api/v1", folder, *company(url + "/api/v1", token))
        except SystemExit:
            print((folder / "rsyslog.log").read_text()[-3000:], file=sys.stderr)
            raise
        finally:
            stop(server)
    print(f"forwarding: {size} records arrived whole over TCP and TLS ({twice} twice); {valid} events of {classes} classes are valid OCSF 1.8.0")


main()
