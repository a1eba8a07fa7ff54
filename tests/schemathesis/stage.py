"""The program with a login API, as a process of its own, and a session server to which everybody has joined."""

import http.server
import json
import os
import pathlib
import re
import subprocess
import threading
import urllib.parse
import urllib.request
import uuid

LISTENS = re.compile(r"listening on (http://127\.0\.0\.1:\d+)")
PATIENCE_S = 15
# Whatever is asked is answered: how often it may be asked is tested elsewhere.
CONFIGURATION = """
[upstreams.mojang]
preset = "mojang"
url = "{url}/session/minecraft/hasJoined"

[login]
enabled = true
data_dir = "data"

[login.limits]
enabled = false
"""


class SessionServer(http.server.BaseHTTPRequestHandler):
    """Says that whoever is asked about has joined, with a UUID that follows from the name."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query)
        name = query.get("username", [""])[0]
        body = json.dumps({"id": uuid.uuid5(uuid.NAMESPACE_DNS, name).hex, "name": name, "properties": []}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Stage:
    """Both of them, until the end of a `with`."""

    def __init__(self, binary, folder):
        self.binary, self.folder = binary, pathlib.Path(folder)

    def __enter__(self):
        self.session = http.server.ThreadingHTTPServer(("127.0.0.1", 0), SessionServer)
        self.session.daemon_threads = True
        threading.Thread(target=self.session.serve_forever, daemon=True).start()
        file = self.folder / "upstreams.toml"
        file.write_text(CONFIGURATION.format(url=f"http://127.0.0.1:{self.session.server_port}"))
        options = ["serve", "--config", file, "--listen", "127.0.0.1:0", "--admin", "false"]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("HASJOINED_")}
        self.log = []
        self.program = subprocess.Popen(
            [self.binary, *options], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment
        )
        found, self.url = threading.Event(), None

        def read():
            for line in self.program.stdout:
                self.log.append(line)
                if self.url is None and (match := LISTENS.search(line)):
                    self.url = match[1]
                    found.set()
            found.set()

        self.reader = threading.Thread(target=read, daemon=True)
        self.reader.start()
        found.wait(PATIENCE_S)
        if self.url is None:
            self.program.kill()
            raise RuntimeError("never said where it listens:\n" + "".join(self.log))
        return self

    def __exit__(self, *_):
        self.program.terminate()
        try:
            status = self.program.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self.program.kill()
            status = "no end"
        self.session.shutdown()
        self.reader.join(PATIENCE_S)
        if status != 0:
            raise RuntimeError(f"ended with {status}, not with 0:\n" + "".join(self.log[-40:]))


def post(url, body):
    """What it answers to a JSON object."""
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(url, json.dumps(body).encode(), headers, method="POST")
    with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
        return json.load(answer)


def log_in(url):
    """The access token of a player who has just logged in."""
    challenge = post(f"{url}/v1/auth/session/minecraft/join", {})
    proof = {"serverId": challenge["serverId"], "joinToken": challenge["joinToken"], "name": "Notch"}
    return post(f"{url}/v1/auth/session/minecraft/verify", proof)["accessToken"]
