#!/usr/bin/env python3
"""The log arrives whole at a real rsyslog, over TCP and over TLS, although rsyslog is stopped and started meanwhile; and what arrives
are events of OCSF, by a validator that others have written.

Without /usr/sbin/rsyslogd (Debian: apt-get install --no-install-recommends rsyslog rsyslog-gnutls) it says that it was skipped; in
continuous integration (CI is set) that is a failure.

    tests/forwarding.py [path of zhidu, default target/debug/zhidu]
"""
import glob, json, pathlib, re, subprocess, sys, tempfile

from company import ROOT, call, fail, free_port, needs, served, stop, until

RSYSLOG = "/usr/sbin/rsyslogd"
GNUTLS = "/usr/lib/*/rsyslog/lmnsd_gtls.so"
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


def rsyslog(folder):
    with open(folder / "rsyslog.log", "a") as log:
        return subprocess.Popen([RSYSLOG, "-n", "-f", str(folder / "rsyslog.conf"), "-i", str(folder / "pid")], stdout=log, stderr=log)


def events(path):
    """The events in the order in which they arrived; the header is the same for all."""
    found = []
    for line in path.read_text().splitlines():
        head = re.match(r"<1(?:10|08)>1 \d{4}-\d\d-\d\dT\S+Z \S+ zhidu - [\w.]+ \[origin software=\"Zhidu\" swVersion=\"[^\"]+\"\] ", line)
        if not head:
            fail(f"an odd message: {line[:200]}")
        found.append(json.loads(line[head.end():]))
    return found


def play(folder, company):
    api, auditor = company.api, company.person("auditor", "auditor")
    receivers = lambda: call("GET", api + "/log/receivers", token=auditor)["items"]
    whole = lambda: len(receivers()) == 2 and all(one["waiting"] == 0 for one in receivers())
    until("the first failure", lambda: len(receivers()) == 2 and all(one["failing_since"] for one in receivers()))
    for turn in range(3):
        process = rsyslog(folder)
        try:
            for number in range(40):
                call("POST", api + "/org-units", {"name": f"第 {turn}-{number} 科", "code": f"U{turn}-{number}", "kind": "unit", "parent_id": company.unit}, company.admin)
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
            fail(f"{name} misses {sorted(set(range(size)) - set(places))[:10]} of {size}")
        lines += got
    python = VENV / "bin/python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", VENV], check=True)
        subprocess.run([VENV / "bin/pip", "install", "--quiet", "--disable-pip-version-check", "ocsf-json-schema==1.2.0", "jsonschema>=4.23,<5"], check=True)
    text = "".join(json.dumps(one) + "\n" for one in lines)
    said = subprocess.run([python, "-c", VALIDATE], input=text, capture_output=True, text=True)
    if said.returncode:
        fail(f"{said.stderr[-3000:]}")
    return size, len(lines) - 2 * size, *said.stdout.split()


def main():
    if not needs([RSYSLOG, *(glob.glob(GNUTLS) or [GNUTLS])]):
        return
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        cert, key = folder / "cert.pem", folder / "key.pem"
        make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
        make += ["-addext", "subjectAltName=DNS:localhost", "-addext", "basicConstraints=critical,CA:FALSE"]
        subprocess.run([*make, "-keyout", key, "-out", cert], check=True, capture_output=True)
        plain, tls = free_port(), free_port()
        (folder / "rsyslog.conf").write_text(CONFIG.format(folder=folder, cert=cert, key=key, plain=plain, tls=tls))
        flags = ["--forward", f"plain=tcp://127.0.0.1:{plain}", "--forward", f"tls=tls://localhost:{tls}", "--forward-ca", str(cert)]
        with served(folder, *flags) as (_, company):
            try:
                size, twice, valid, classes = play(folder, company)
            except SystemExit:
                print((folder / "rsyslog.log").read_text()[-3000:], file=sys.stderr)
                raise
    print(f"forwarding: {size} records arrived whole over TCP and TLS ({twice} twice); {valid} events of {classes} classes are valid OCSF 1.8.0")


main()
