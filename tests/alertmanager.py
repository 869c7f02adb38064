#!/usr/bin/env python3
"""Alerts of a real Prometheus Alertmanager become an incident ticket, which is solved when they are over.

Without /usr/bin/prometheus-alertmanager (Debian: apt-get install --no-install-recommends prometheus-alertmanager) it says that it was
skipped; in continuous integration (CI is set) that is a failure.

    tests/alertmanager.py [path of zhidu, default target/debug/zhidu]
"""
import os, pathlib, subprocess, sys, tempfile, time, urllib.error, urllib.request

from company import call, fail, free_port, needs, served, stop, until

ALERTMANAGER = "/usr/bin/prometheus-alertmanager"

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
        fail(f"an odd ticket: {ticket}")
    # Three times as long as it takes Alertmanager to repeat itself.
    time.sleep(6)
    [again] = incidents()
    timeline = call("GET", f"{api}/tickets/{ticket['id']}/timeline", token=desk)["items"]
    if again["version"] != 1 or len(timeline) != 1:
        fail(f"a repetition left something: {timeline}")
    post(endsAt=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()))
    solved = lambda: [one for one in incidents() if one["state"] == "resolved"]
    [end] = until("the end of the alert", solved)
    if end["id"] != ticket["id"] or len(incidents()) != 1:
        fail(f"another ticket: {incidents()}")
    return end["number"]


def main():
    if not needs([ALERTMANAGER]):
        return
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        with served(folder) as (url, company):
            desk = company.person("desk", "service_desk")
            scopes = ["tickets.report", "tickets.dispatch"]
            token = call("POST", company.api + "/me/tokens", {"name": "alertmanager", "scopes": scopes, "expires_at": "2099-01-01T00:00:00Z"}, desk)["token"]
            (folder / "alertmanager.yml").write_text(CONFIG.format(url=url, token=token))
            port = free_port()
            flags = [f"--config.file={folder}/alertmanager.yml", f"--storage.path={folder}/alerts", f"--web.listen-address=127.0.0.1:{port}", "--cluster.listen-address="]
            with open(folder / "alertmanager.log", "w") as log:
                alertmanager = subprocess.Popen([ALERTMANAGER, *flags], stdout=log, stderr=log)
            try:
                number = play(company.api, f"http://127.0.0.1:{port}", desk)
            except SystemExit:
                print((folder / "alertmanager.log").read_text()[-3000:], file=sys.stderr)
                raise
            finally:
                stop(alertmanager)
    print(f"alertmanager: {number} was opened by an alert, left alone by its repetitions, and solved by its end")


main()
