#!/usr/bin/env python3
"""Alerts of a real Prometheus Alertmanager become an incident ticket, which is solved when they are over.

Without /usr/bin/prometheus-alertmanager (Debian: apt-get install --no-install-recommends prometheus-alertmanager) it says that it was
skipped; in continuous integration (CI is set) that is a failure.

    tests/alertmanager.py [path of zhidu, default target/debug/zhidu]
"""
import json, os, pathlib, re, socket, subprocess, sys, tempfile, time, urllib.error, urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAM = sys.argv[1] if len(sys.argv) > 1 else str(ROOT / "target/debug/zhidu")
ALERTMANAGER = "/usr/bin/prometheus-alertmanager"
ENV = {**{name: value for name, value in os.environ.items() if not name.startswith("ZHIDU_") and name != "DATABASE_URL"}, "ZHIDU_LOG": "error"}
PASSWORD = "Alarmed-2026!as-promised"
SECONDS = 60

CONFIG = """
route:
  receiver: zhidu
  group_by: [alertname]
  group_wait: 0s
  group_interval: 1s
  repeat_interval: 2s
receivers:
  - name: zhidu
    webhook_configs:
      - url: {url}/api/v1/alerts/alertmanager
        send_resolved: true
        http_config:
          authorization:
            credentials: {token}
"""


def call(method, url, body=None, token=None, headers=None):
    headers = {"content-type": "application/json", **({"authorization": "Bearer " + token} if token else {}), **(headers or {})}
    request = urllib.request.Request(url, json.dumps(body).encode() if body is not None else None, headers, method=method)
    with urllib.request.urlopen(request, timeout=20) as answer:
        text = answer.read()
    return json.loads(text) if text else None


def until(what, look):
    """What `look` finds, as soon as it finds something."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        if found := look():
            return found
        time.sleep(0.2)
    sys.exit(f"alertmanager: {what} did not happen within {SECONDS} seconds")


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def company(api, link):
    """A member of the desk, and a token of theirs for the monitoring."""
    admin = call("POST", api + "/auth/setup", {"token": link, "company": "远山集团", "name": "陈立", "login": "admin", "password": PASSWORD})["access_token"]
    unit = call("GET", api + "/org-units", token=admin)["items"][0]["id"]

    def person(by, login, role):
        made = call("POST", api + "/people", {"name": login, "login": login, "unit_id": unit, "title": "职员"}, admin)
        roles = call("GET", api + "/roles", token=by)["items"]
        grant = {"role_id": next(one["id"] for one in roles if one["code"] == role), "scope": "all"}
        call("POST", f"{api}/people/{made['person']['id']}/roles", grant, by, {"if-match": f'"{made["person"]["version"]}"'})
        first = call("POST", api + "/auth/login", {"login": login, "password": made["initial_password"]})["access_token"]
        return call("POST", api + "/auth/password", {"current_password": made["initial_password"], "new_password": PASSWORD}, first)["access_token"]

    desk = person(person(admin, "security", "security_administrator"), "desk", "service_desk")
    scopes = ["tickets.report", "tickets.dispatch"]
    token = call("POST", api + "/me/tokens", {"name": "alertmanager", "scopes": scopes, "expires_at": "2099-01-01T00:00:00Z"}, desk)["token"]
    return desk, token


def play(api, alertmanager, desk):
    incidents = lambda: call("GET", api + "/tickets?kind=incident", token=desk)["items"]

    def ready():
        try:
            with urllib.request.urlopen(alertmanager + "/-/ready", timeout=5) as answer:
                return answer.status == 200
        except (urllib.error.URLError, ConnectionError):
            return False

    def post(**times):
        labels = {"alertname": "DiskFull", "instance": "db1", "severity": "critical"}
        alert = {"labels": labels, "annotations": {"summary": "db1 的磁盘将满"}, "generatorURL": "http://prometheus.example/graph", **times}
        call("POST", alertmanager + "/api/v2/alerts", [alert])

    until("the start of Alertmanager", ready)
    post()
    [ticket] = until("a ticket", incidents)
    if (ticket["title"], ticket["priority"], ticket["state"]) != ("db1 的磁盘将满", "critical", "new"):
        sys.exit(f"alertmanager: an odd ticket: {ticket}")
    # Three times as long as it takes Alertmanager to repeat itself.
    time.sleep(6)
    [again] = incidents()
    timeline = call("GET", f"{api}/tickets/{ticket['id']}/timeline", token=desk)["items"]
    if again["version"] != 1 or len(timeline) != 1:
        sys.exit(f"alertmanager: a repetition left something: {timeline}")
    post(endsAt=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()))
    solved = lambda: [one for one in incidents() if one["state"] == "resolved"]
    [end] = until("the end of the alert", solved)
    if end["id"] != ticket["id"] or len(incidents()) != 1:
        sys.exit(f"alertmanager: another ticket: {incidents()}")
    return end["number"]


def main():
    if not os.path.exists(ALERTMANAGER):
        if os.environ.get("CI"):
            sys.exit(f"alertmanager: {ALERTMANAGER} is not there")
        print(f"alertmanager: SKIPPED, {ALERTMANAGER} is not there")
        return
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        server = subprocess.Popen(
            [PROGRAM, "serve", "--data-dir", str(folder / "data"), "--listen", "127.0.0.1:0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=ENV
        )
        alertmanager = None
        try:
            said = ""
            while not (link := re.search(r"(http://\S+?)/setup\?token=(\S+)", said)):
                said += server.stdout.readline() or sys.exit("alertmanager: the server ended before it was ready")
            url, token = link.groups()
            desk, token = company(url + "/api/v1", token)
            (folder / "alertmanager.yml").write_text(CONFIG.format(url=url, token=token))
            port = free_port()
            flags = [f"--config.file={folder}/alertmanager.yml", f"--storage.path={folder}/alerts", f"--web.listen-address=127.0.0.1:{port}", "--cluster.listen-address="]
            with open(folder / "alertmanager.log", "w") as log:
                alertmanager = subprocess.Popen([ALERTMANAGER, *flags], stdout=log, stderr=log)
            try:
                number = play(url + "/api/v1", f"http://127.0.0.1:{port}", desk)
            except SystemExit:
                print((folder / "alertmanager.log").read_text()[-3000:], file=sys.stderr)
                raise
        finally:
            for process in filter(None, [alertmanager, server]):
                process.terminate()
                process.wait()
    print(f"alertmanager: {number} was opened by an alert, left alone by its repetitions, and solved by its end")


main()
