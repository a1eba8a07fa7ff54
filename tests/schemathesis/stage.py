"""The program with a login API, as a process of its own, and a session server to which everybody has joined."""

import http.server
import json
import pathlib
import threading
import urllib.parse
import urllib.request
import uuid

from program import PATIENCE_S, Program

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

# Browsers are sent there, and none goes.
[login.microsoft]
client_id = "00000000-0000-0000-0000-000000000000"

[login.microsoft.endpoints]
authorize = "{url}/authorize"
token = "{url}/token"
xbl = "{url}/xbl"
xsts = "{url}/xsts"
mc_services = "{url}/mc"
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
        self.program = Program(self.binary, file).__enter__()
        self.url = self.program.url
        return self

    def __exit__(self, *reason):
        try:
            self.program.__exit__(*reason)
        finally:
            self.session.shutdown()


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
