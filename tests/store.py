#!/usr/bin/env python3
"""SeaweedFS, a store that speaks S3 and is not ours, with three buckets: `locked` has object lock, `versioned` and `plain` have not.

It is looked for in tests/seaweedfs, where requirements.txt says how it gets there, and on the path.

    tests/store.py FOLDER      starts it, and prints its address; FOLDER/pid is for who stops it
"""
import json, pathlib, shutil, signal, subprocess, sys, time, urllib.error, urllib.request

from company import ROOT, fail, free_port, until

WEED = shutil.which("weed", path=str(ROOT / "tests/seaweedfs/bin")) or shutil.which("weed") or str(ROOT / "tests/seaweedfs/bin/weed")
KEY, READER, SECRET = "zhidu", "reader", "Bucket-2026!as-promised"
IDENTITIES = [
    {"name": "zhidu", "credentials": [{"accessKey": KEY, "secretKey": SECRET}], "actions": ["Admin", "Read", "Write", "List", "Tagging"]},
    {"name": "reader", "credentials": [{"accessKey": READER, "secretKey": SECRET}], "actions": ["Read", "List"]},
]


class Store:
    """One that runs until it is stopped."""

    def __init__(self, folder):
        self.folder = folder
        (folder / "data").mkdir(parents=True)
        (folder / "s3.json").write_text(json.dumps({"identities": IDENTITIES}))
        # Its own choice for each of the second four is ten thousand above, where others are given ports.
        ports = []
        while len(ports) < 8:
            ports.extend({free_port()} - set(ports))
        # With the port at which its shell speaks to it.
        self.port, self.master = ports[0], f"{ports[1]}.{ports[5]}"
        names = ["s3", "master", "volume", "filer"]
        self.command = [
            WEED, "server", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", f"-dir={folder}/data", "-master.volumeSizeLimitMB=64", "-volume.max=100", "-master.telemetry=false",
            "-s3", "-s3.port.iceberg=0", "-s3.port.lance=0", f"-s3.config={folder}/s3.json",
            *(f"-{name}.port={port}" for name, port in zip(names, ports)), *(f"-{name}.port.grpc={port}" for name, port in zip(names, ports[4:])),
        ]  # fmt: skip
        self.url = f"http://127.0.0.1:{self.port}"
        self.process = None

    def start(self):
        """A port may be taken for a moment, by whoever asks whether it is free: so it is tried again."""
        for _ in range(5):
            with open(self.folder / "log", "a") as log:
                self.process = subprocess.Popen(self.command, stdout=log, stderr=log, start_new_session=True, cwd=self.folder)
            (self.folder / "pid").write_text(str(self.process.pid))
            said = lambda: (self.folder / "log").read_text()[-3000:]  # noqa: E731
            until("the start of SeaweedFS", lambda: self.answers() or self.process.poll() is not None, said)
            if self.process.poll() is None:
                return
            time.sleep(1)
        fail(f"SeaweedFS ended: {said()}")

    def answers(self):
        try:
            urllib.request.urlopen(self.url, timeout=5)
        except urllib.error.HTTPError as error:
            return error.code == 403
        except OSError:
            return False
        return True

    def make_buckets(self):
        lines = "s3.bucket.create -name locked -withLock\ns3.bucket.create -name versioned\ns3.bucket.versioning -name versioned -enable\ns3.bucket.create -name plain\ns3.bucket.list\n"
        until("the making of the buckets", lambda: {"locked", "versioned", "plain"} <= set(self.shell(lines).split()))

    def shell(self, lines):
        done = subprocess.run([WEED, "shell", f"-master=127.0.0.1:{self.master}"], input=lines, capture_output=True, text=True, timeout=60)
        return done.stdout

    def stop(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def place(self, path, **settings):
        more = "".join(f"&{name}={value}" for name, value in settings.items())
        return f"s3://{path}?endpoint={self.url}{more}"

    def credentials(self, key=KEY, secret=SECRET):
        path = self.folder / f"credentials-{key}-{len(secret)}"
        path.write_text(f"aws_access_key_id = {key}\naws_secret_access_key = {secret}\n")
        path.chmod(0o600)
        return path


if __name__ == "__main__":
    store = Store(pathlib.Path(sys.argv[1]).absolute())
    store.start()
    store.make_buckets()
    print(store.url)
