"""What Schemathesis cannot know of this API: how to log in, which scopes this server gives, and what a client remembers."""

import base64
import hashlib
import json
import os
import re
import urllib.request

import schemathesis
from stage import log_in

URL = os.environ["LOGIN_API_URL"]
JOIN = "/v1/auth/session/minecraft/join"
VERIFY = "/v1/auth/session/minecraft/verify"


def base64url(octets):
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


SECRET = bytes(range(32))
HASH = base64url(hashlib.sha256(SECRET).digest())


@schemathesis.hook
def before_load_schema(_context, schema):
    """The metadata lists the scopes; which they are is a matter of configuration, so the description cannot."""
    with urllib.request.urlopen(f"{URL}/.well-known/oauth-authorization-server", timeout=15) as answer:
        schema["components"]["schemas"]["Scope"]["enum"] = json.load(answer)["scopes_supported"]


@schemathesis.hook
def before_call(_context, case, _kwargs):
    """A client that binds a login knows the secret it binds it with, and brings it back with what else was left out."""
    if not isinstance(case.body, dict):
        return
    if case.path == JOIN and re.fullmatch("[A-Za-z0-9_-]{43}", str(case.body.get("clientSecretHash"))):
        case.body["clientSecretHash"] = HASH
    claims = claims_of(case.body.get("joinToken")) if case.path == VERIFY else None
    if claims is None:
        return
    if case.body.get("name") is None and "name" not in claims:
        case.body["name"] = "Notch"
    if case.body.get("clientSecret") is None and "csh" in claims:
        case.body["clientSecret"] = base64url(SECRET)
    if "sub" not in claims and re.fullmatch("[0-9a-fA-F-]{32,36}", str(case.body.get("userId"))):
        # Who has joined has a UUID that nobody guesses.
        del case.body["userId"]


def claims_of(token):
    """What a join token says; nothing where it is none."""
    try:
        payload = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return claims if isinstance(claims, dict) and "sid" in claims else None
    except (AttributeError, IndexError, ValueError):
        return None


class Bearer:
    """A token of a real login."""

    def get(self, _case, _context):
        return log_in(URL)

    def set(self, case, token, _context):
        case.headers = {**(case.headers or {}), "Authorization": f"Bearer {token}"}


@schemathesis.auth(refresh_interval=600).apply_to(path_regex="^/(?!v1/auth/logout)")
class Shared(Bearer):
    """Nobody ends this one."""


@schemathesis.auth(refresh_interval=None).apply_to(path="/v1/auth/logout")
class Fresh(Bearer):
    """One for each: it is ended."""
