"""The program with two services, an application on players' machines and a site that keeps a secret, and a fake of Microsoft."""

import contextlib
import json
import pathlib
import socket
import subprocess

from program import Program

HERE = pathlib.Path(__file__).resolve().parent
NATIVE, WEB = "desk", "build-moe"
WEB_REDIRECT = "https://build.moe/auth/callback?from=hasjoined"
NATIVE_REDIRECT = "http://127.0.0.1:51234/callback"
# Signs that base64 has, and the two that stand between others in a header and in a form.
WEB_SECRET = "only+the/service=and:this&program~know"
CONFIGURATION = """
[server]
public_url = "{url}"

[upstreams.mojang]
url = "http://127.0.0.1:9/hasJoined"
attests = "mojang"

[login]
enabled = true
database = "memory"
consent = "builtin"

[login.limits]
enabled = false

[login.microsoft]
client_id = "{id}"
client_secret = "{secret}"
redirect_uri = "{redirect_uri}"
{endpoints}
[[login.services]]
slug = "desk"
name = "Desk"
redirects = ["http://127.0.0.1/callback"]
permissions = ["profile:read"]
native = true

[[login.services]]
slug = "build-moe"
name = "Build.moe"
redirects = ["https://build.moe/auth/callback?from=hasjoined"]
permissions = ["profile:read", "totem:read"]
secret_file = "build-moe.secret"
"""


@contextlib.contextmanager
def microsoft(redirect_uri):
    """What the configuration needs of it. Fails when the program has not kept to the protocol."""
    command = ["node", str(HERE / "microsoft.mjs"), redirect_uri]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield json.loads(process.stdout.readline())
        process.stdin.close()
        faults = json.loads(process.stdout.readline())
    if faults:
        raise RuntimeError(f"Microsoft had to refuse: {faults}")


@contextlib.contextmanager
def deployed(binary, folder):
    """Where it is, for players and for services. Its address is part of its configuration, so the port is chosen before."""
    folder, port = pathlib.Path(folder), kept_port()
    url = f"http://localhost:{port}"
    redirect_uri = f"{url}/v1/auth/microsoft/callback"
    with microsoft(redirect_uri) as application:
        (folder / "build-moe.secret").write_text(f"{WEB_SECRET}\n")
        file = folder / "upstreams.toml"
        file.write_text(CONFIGURATION.format(url=url, redirect_uri=redirect_uri, **application))
        with Program(binary, file, f"127.0.0.1:{port}"):
            yield url


def kept_port():
    """A port that the system gives to nobody for a minute, but to a server that asks for it: a connection to it was just closed."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)):
            server.accept()[0].close()
    return port
