"""Authlib fetches tokens as any OAuth client does, knowing no more than the metadata; Authlib, joserfc and PyJWT check them.

Nothing here that is a client's knows this program: what a service has to write for it is what it has to write for any other.
"""

import base64
import json
import os
import pathlib
import tempfile
import unittest
import urllib.parse
import warnings

import joserfc.errors
import joserfc.jwk
import joserfc.jwt
import jwt as pyjwt
import requests
from authlib.common.security import generate_token
from authlib.deprecate import AuthlibDeprecationWarning
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc6750.errors import InvalidTokenError
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata, get_well_known_url
from authlib.oauth2.rfc9068 import JWTBearerTokenValidator
from browser import PATIENCE_S, Browser
from deployment import NATIVE, NATIVE_REDIRECT, WEB, WEB_REDIRECT, WEB_SECRET, deployed

# Its successor, joserfc, is here as well.
warnings.simplefilter("ignore", AuthlibDeprecationWarning)
from authlib.jose import JsonWebKey, JsonWebToken  # noqa: E402
from authlib.jose.errors import JoseError  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
NOTCH = "069a79f4-44e9-4726-a5be-fca90e38aaf5"
ESSENTIAL = ["iss", "sub", "aud", "exp", "iat", "jti", "client_id"]
ALGORITHM = "ES256"


def setUpModule():
    global url, metadata, keys
    binary = os.environ.get("HASJOINED_BIN", ROOT / "target" / "debug" / "hasjoined")
    folder = unittest.enterModuleContext(tempfile.TemporaryDirectory(prefix="hasjoined-oauth-"))
    url = unittest.enterModuleContext(deployed(binary, folder))
    metadata = AuthorizationServerMetadata(fetched(get_well_known_url(url, external=True)))
    keys = fetched(metadata["jwks_uri"])


def fetched(address):
    answer = requests.get(address, timeout=PATIENCE_S)
    answer.raise_for_status()
    return answer.json()


class Client:
    """A service, by Authlib."""

    def __init__(self, slug, redirect, secret=None, method="none"):
        self.redirect, self.verifier = redirect, generate_token(48)
        self.session = OAuth2Session(
            slug,
            secret,
            token_endpoint_auth_method=method,
            scope="profile:read",
            redirect_uri=redirect,
            code_challenge_method="S256",
            default_timeout=PATIENCE_S,
            **metadata,
        )

    def asks(self, browser, label="Approve"):
        """Where the player's browser comes back to."""
        address, self.session.state = self.session.create_authorization_url(
            metadata["authorization_endpoint"], code_verifier=self.verifier
        )
        return browser.answer(address, label)

    def fetches(self, landing, **otherwise):
        with self.session as session:
            return session.fetch_token(
                **{"authorization_response": landing, "code_verifier": self.verifier, **otherwise}
            )


def native():
    return Client(NATIVE, NATIVE_REDIRECT)


def web(method="client_secret_basic", secret=WEB_SECRET):
    return Client(WEB, WEB_REDIRECT, secret, method)


def by_authlib(token, audience):
    options = {name: {"essential": True} for name in ESSENTIAL}
    options["iss"]["value"], options["aud"]["value"] = metadata["issuer"], audience
    claims = JsonWebToken([ALGORITHM]).decode(token, JsonWebKey.import_key_set(keys), claims_options=options)
    claims.validate()
    return claims


def by_authlib_as_rfc9068_has_it(token, audience):
    class Validator(JWTBearerTokenValidator):
        def get_jwks(self):
            return joserfc.jwk.KeySet.import_key_set(keys)

    validator = Validator(metadata["issuer"], audience)
    claims = validator.authenticate_token(token)
    validator.validate_token(claims, ["profile:read"], None)
    return claims


def by_joserfc(token, audience):
    decoded = joserfc.jwt.decode(token, joserfc.jwk.KeySet.import_key_set(keys), algorithms=[ALGORITHM])
    options = {name: {"essential": True} for name in ESSENTIAL}
    options["iss"]["value"], options["aud"]["value"] = metadata["issuer"], audience
    joserfc.jwt.JWTClaimsRegistry(**options).validate(decoded.claims)
    return decoded.claims


def by_pyjwt(token, audience):
    key = pyjwt.PyJWKClient(metadata["jwks_uri"], timeout=PATIENCE_S).get_signing_key_from_jwt(token)
    wanted = {"audience": audience, "issuer": metadata["issuer"], "options": {"require": ESSENTIAL}}
    return pyjwt.decode(token, key, algorithms=[ALGORITHM], **wanted)


READERS = [by_authlib, by_authlib_as_rfc9068_has_it, by_joserfc, by_pyjwt]
REFUSALS = (JoseError, joserfc.errors.JoseError, InvalidTokenError, pyjwt.InvalidTokenError)


class Case(unittest.TestCase):
    def setUp(self):
        self.browser = self.enterContext(Browser())

    def assert_refused(self, code, call, *arguments, **named):
        with self.assertRaises(OAuthError) as caught:
            call(*arguments, **named)
        self.assertEqual(caught.exception.error, code)

    def assert_holds(self, token, service, expected=True):
        """Whether the program itself still takes a token, which nobody can see in the token."""
        headers = {"Authorization": f"Bearer {token['access_token']}"}
        answer = requests.get(f"{url}/auth/verify?service={service}", headers=headers, timeout=PATIENCE_S)
        self.assertEqual(answer.status_code, 200 if expected else 401, answer.text)

    def gets_a_token(self, client, service):
        landing = client.asks(self.browser)
        self.assertTrue(landing.startswith(client.redirect), landing)
        sent = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(landing).query))
        # RFC 9207; Authlib leaves it to who uses it.
        self.assertEqual(sent["iss"], metadata["issuer"])
        token = client.fetches(landing)
        self.assertEqual((token["token_type"], token["scope"]), ("Bearer", "profile:read"))
        self.assertFalse(token.is_expired())
        self.assert_holds(token, service)
        return token


class Metadata(Case):
    def test_it_is_what_rfc_8414_wants(self):
        metadata.validate()
        self.assertEqual(metadata["issuer"], url)

    def test_it_offers_what_the_clients_here_use(self):
        for offer, used in [
            ("response_types_supported", ["code"]),
            ("grant_types_supported", ["authorization_code"]),
            ("code_challenge_methods_supported", ["S256"]),
            ("token_endpoint_auth_methods_supported", ["none", "client_secret_basic", "client_secret_post"]),
            ("scopes_supported", ["profile:read"]),
            ("revocation_endpoint_auth_methods_supported", ["none", "client_secret_basic", "client_secret_post"]),
            ("introspection_endpoint_auth_methods_supported", ["client_secret_basic", "client_secret_post"]),
        ]:
            self.assertLessEqual(set(used), set(metadata[offer]), offer)


class Tokens(Case):
    def test_an_application_with_pkce_alone(self):
        self.gets_a_token(native(), NATIVE)

    def test_a_site_that_tells_its_secret_in_a_header(self):
        self.gets_a_token(web(), WEB)

    def test_a_site_that_tells_its_secret_in_the_form(self):
        self.gets_a_token(web("client_secret_post"), WEB)

    def test_every_library_reads_them(self):
        token = self.gets_a_token(web(), WEB)["access_token"]
        for reader in READERS:
            with self.subTest(reader.__name__):
                claims = reader(token, WEB)
                self.assertEqual((claims["sub"], claims["client_id"], claims["scope"]), (NOTCH, WEB, "profile:read"))

    def test_no_library_takes_one_that_is_for_others(self):
        token = self.gets_a_token(web(), WEB)
        for reader in READERS:
            for audience in [NATIVE, metadata["issuer"]]:
                with self.subTest(reader.__name__, audience=audience), self.assertRaises(REFUSALS):
                    reader(token["access_token"], audience)
        self.assert_holds(token, NATIVE, False)

    def test_no_library_takes_one_that_was_changed(self):
        token = self.gets_a_token(web(), WEB)
        whole = token["access_token"]
        header, claims, signature = whole.split(".")
        said, kind = pyjwt.decode(whole, options={"verify_signature": False}), pyjwt.get_unverified_header(whole)
        of_another = written(said | {"sub": "853c80ef-3c37-49fd-aa49-938b674adae6"})
        changed = {
            "signature": f"{header}.{claims}.{'B' if signature[0] == 'A' else 'A'}{signature[1:]}",
            "claims": f"{header}.{of_another}.{signature}",
            "algorithm": f"{written(kind | {'alg': 'none'})}.{of_another}.",
        }
        for what, wrong in changed.items():
            for reader in READERS:
                with self.subTest(reader.__name__, changed=what), self.assertRaises(REFUSALS):
                    reader(wrong, WEB)
            self.assert_holds({"access_token": wrong}, WEB, False)
        self.assert_holds(token, WEB)

    def test_a_site_asks_about_its_own_alone(self):
        client, others = web(), self.gets_a_token(native(), NATIVE)
        own, about = self.gets_a_token(client, WEB), metadata["introspection_endpoint"]
        said = client.session.introspect_token(about, own["access_token"]).json()
        self.assertEqual((said["active"], said["sub"], said["client_id"]), (True, NOTCH, WEB))
        self.assertEqual(client.session.introspect_token(about, others["access_token"]).json(), {"active": False})

    def test_a_service_gives_one_back(self):
        for client, service in [(native(), NATIVE), (web(), WEB)]:
            with self.subTest(service):
                token = self.gets_a_token(client, service)
                end = metadata["revocation_endpoint"]
                answer = client.session.revoke_token(end, token["access_token"], "access_token")
                self.assertEqual(answer.status_code, 200, answer.text)
                self.assert_holds(token, service, False)


class Refusals(Case):
    def test_a_player_who_denies(self):
        client = native()
        landing = client.asks(self.browser, "Deny")
        sent = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(landing).query))
        self.assertEqual(sent, {"error": "access_denied", "state": client.session.state, "iss": metadata["issuer"]})

    def test_a_verifier_of_somebody_else(self):
        client = native()
        landing = client.asks(self.browser)
        self.assert_refused("invalid_grant", client.fetches, landing, code_verifier=generate_token(48))

    def test_no_verifier(self):
        client = native()
        self.assert_refused("invalid_request", client.fetches, client.asks(self.browser), code_verifier=None)

    def test_a_code_that_was_used(self):
        client = native()
        landing = client.asks(self.browser)
        token = client.fetches(landing)
        self.assert_holds(token, NATIVE)
        self.assert_refused("invalid_grant", client.fetches, landing)
        self.assert_holds(token, NATIVE, False)

    def test_another_redirect_for_the_code(self):
        client = native()
        landing = client.asks(self.browser)
        self.assert_refused("invalid_grant", client.fetches, landing, redirect_uri="http://127.0.0.1:51235/callback")

    def test_another_redirect_to_ask_with(self):
        for client in [Client(WEB, "https://build.moe/auth/callback"), Client(NATIVE, "http://127.0.0.1:51234/other")]:
            with self.subTest(client.redirect), self.assertRaises(requests.HTTPError) as caught:
                client.asks(self.browser)
            self.assertEqual(caught.exception.response.status_code, 400)
            self.assertEqual(caught.exception.response.history, [], "the browser goes nowhere")

    def test_another_secret_or_none(self):
        landing = (right := web()).asks(self.browser)
        for client in [
            web(secret=WEB_SECRET.upper()),
            web("client_secret_post", WEB_SECRET.upper()),
            web("none", None),
            Client(NATIVE, WEB_REDIRECT),
        ]:
            client.verifier, client.session.state = right.verifier, right.session.state
            code = "invalid_grant" if client.session.client_id == NATIVE else "invalid_client"
            self.assert_refused(code, client.fetches, landing)
        self.assert_holds(right.fetches(landing), WEB)


def written(part):
    """It, as a part of a token."""
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


if __name__ == "__main__":
    unittest.main(verbosity=2)
