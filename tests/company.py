"""A company on a server of the real program, for the tests that put another program beside it."""
import contextlib, json, os, pathlib, random, re, socket, subprocess, sys, time, urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
ENV = {**{name: value for name, value in os.environ.items() if not name.startswith("ZHIDU_") and name != "DATABASE_URL"}, "ZHIDU_LOG": "error"}
TEST = pathlib.Path(sys.argv[0]).stem
PASSWORD = "Beside-2026!as-promised"
SECONDS = 60


def fail(why):
    sys.exit(f"{TEST}: {why}")


def needs(paths):
    """Whether what is tested against is there; in continuous integration (CI is set) it has to be."""
    missing = [str(path) for path in paths if not os.path.exists(path)]
    if missing and os.environ.get("CI"):
        fail(f"{', '.join(missing)} is not there")
    if missing:
        print(f"{TEST}: SKIPPED, {', '.join(missing)} is not there")
    return not missing


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
    fail(f"{what} did not happen within {SECONDS} seconds {shown()}")


def free_port():
    """One that no connection of somebody else is given until a server listens there."""
    while True:
        port = random.randrange(10_000, 32_000)
        with socket.socket() as free:
            if free.connect_ex(("127.0.0.1", port)) != 0:
                return port


def stop(process):
    process.terminate()
    process.wait()


class Company:
    """An administrator, and whoever is added."""

    def __init__(self, api, link):
        self.api = api
        setup = {"token": link, "company": "远山集团", "name": "陈立", "login": "admin", "password": PASSWORD}
        self.admin = call("POST", api + "/auth/setup", setup)["access_token"]
        self.unit = call("GET", api + "/org-units", token=self.admin)["items"][0]["id"]
        self.security = self.admin
        self.security = self.person("security", "security_administrator")

    def person(self, login, role):
        """The token of a session of somebody new, who holds a role."""
        made = call("POST", self.api + "/people", {"name": login, "login": login, "unit_id": self.unit, "title": "职员"}, self.admin)
        roles = call("GET", self.api + "/roles", token=self.security)["items"]
        grant = {"role_id": next(one["id"] for one in roles if one["code"] == role), "scope": "all"}
        call("POST", f"{self.api}/people/{made['person']['id']}/roles", grant, self.security, {"if-match": f'"{made["person"]["version"]}"'})
        first = call("POST", self.api + "/auth/login", {"login": login, "password": made["initial_password"]})["access_token"]
        change = {"current_password": made["initial_password"], "new_password": PASSWORD}
        return call("POST", self.api + "/auth/password", change, first)["access_token"]


@contextlib.contextmanager
def served(folder, *flags):
    """A server with a company, as long as it is needed: its address and the company."""
    program = sys.argv[1] if len(sys.argv) > 1 else str(ROOT / "target/debug/zhidu")
    command = [program, "serve", "--data-dir", str(folder / "data"), "--listen", "127.0.0.1:0", *flags]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=ENV)
    try:
        said = ""
        while not (link := re.search(r"(http://\S+?)/setup\?token=(\S+)", said)):
            said += server.stdout.readline() or fail("the server ended before it was ready")
        url, token = link.groups()
        yield url, Company(url + "/api/v1", token)
    finally:
        stop(server)
