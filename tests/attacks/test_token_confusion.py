# SPDX-License-Identifier: Apache-2.0
"""Tokens that are forged, altered, or good for something else."""

import hmac
import json
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from joserfc import jws
from joserfc.jwk import ECKey
from joserfc.util import json_b64encode
from joserfc.util import urlsafe_b64decode
from joserfc.util import urlsafe_b64encode
from sqlalchemy import select

from entrepot.features.tokens.errors import InvalidToken
from entrepot.features.tokens.tables import signing_keys
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.clock import SECOND_MS
from tests.attacks.people import a_user
from tests.builders.application import Answer
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.browsers import Browser
from tests.builders.instance import Instance
from tests.builders.instance import an_instance
from tests.builders.logins import basic
from tests.builders.logins import bearer
from tests.builders.logins import fetched
from tests.builders.manifests import an_image_manifest

TAGS = "/v2/team/app/tags/list"
ME = "/api/v1/users/me"
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""Of the curve P-256: with a signature (r, s), (r, order - s) is one of the same text."""
_PUBLIC = select(signing_keys.c.public_jwk)

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    """Hold an instance that signs whatever it is told to, and on which alice may read `team`."""
    with an_instance(tmp_path_factory.mktemp("signing")) as instance:
        instance.add_user("alice", "secret")
        instance.grant("user:alice", "team/**", "read")
        yield instance


@pytest.fixture
async def alice(application: Application) -> Client:
    """Somebody who may do everything below `team/`, where there is an image."""
    alice = await a_user(application, "alice", ("team/**", "admin"))
    await alice.push_image("team/app", an_image_manifest(), "v1")
    return alice


async def parts(application: Application, alice: Client) -> tuple[dict[str, Any], str, str]:
    """Return the header of a token that is good, and its payload and signature as they are written."""
    client = await fetched(application, alice, "repository:team/app:pull")
    header, payload, signature = client.headers[0][1].removeprefix("Bearer ").split(".")
    assert (await client.get(TAGS)).status == 200
    return json.loads(urlsafe_b64decode(header.encode())), payload, signature


async def presented(application: Application, token: str) -> Answer:
    """Ask for the tags with a token."""
    return await bearer(application, token).get(TAGS)


def is_refused(answer: Answer) -> bool:
    """Tell whether an answer is that the token is none."""
    return answer.status == 401 and 'error="invalid_token"' in answer.header("www-authenticate")


def segment(document: object) -> str:
    """Write a part of a token."""
    return json_b64encode(document).decode()  # type: ignore[arg-type]


HEADERS: dict[str, dict[str, object]] = {
    "no algorithm": {"alg": "none"},
    "no algorithm in capitals": {"alg": "NONE"},
    "no algorithm in mixed case": {"alg": "nOnE"},
    "an algorithm in small letters": {"alg": "es256"},
    "another curve": {"alg": "ES384"},
    "RSA": {"alg": "RS256"},
    "a shared secret": {"alg": "HS256"},
    "an algorithm that is a list": {"alg": ["ES256"]},
    "no name of a key": {"kid": None},
    "an unknown key": {"kid": "x"},
    "a path as the key": {"kid": "../../../../dev/null"},
    "SQL as the key": {"kid": "x' OR '1'='1"},
    "keys in a list": {"kid": ["x"]},
    "a key at an address": {"jku": "http://127.0.0.1:1/keys"},
    "a certificate at an address": {"x5u": "http://127.0.0.1:1/certificate"},
    "what has to be understood": {"crit": ["exp"], "exp": 1},
    "an unencoded payload": {"b64": False, "crit": ["b64"]},
    "another type": {"typ": "JWE"},
    "compression": {"zip": "DEF"},
}


@pytest.mark.parametrize("changes", HEADERS.values(), ids=HEADERS.keys())
async def test_a_header_of_the_attackers_choice_is_refused(
    changes: dict[str, object], application: Application, alice: Client
) -> None:
    """Nothing in it is followed: without a signature, with the old one, and with one by the attacker's own key."""
    header, payload, signature = await parts(application, alice)
    changed = segment({name: value for name, value in {**header, **changes}.items() if value is not None})
    own = jws.serialize_compact({"alg": "ES256"}, b"", ECKey.generate_key("P-256"), algorithms=["ES256"])

    for last in ("", signature, own.rpartition(".")[2]):
        assert is_refused(await presented(application, f"{changed}.{payload}.{last}"))


async def test_a_key_that_the_token_brings_along_is_not_used(application: Application, alice: Client) -> None:
    """The attacker signs with a key of its own, and puts that into the header, beside our key's name."""
    header, payload, _ = await parts(application, alice)
    key = ECKey.generate_key("P-256")
    brought = {**header, "jwk": key.as_dict(private=False)}

    forged = jws.serialize_compact(brought, urlsafe_b64decode(payload.encode()), key, algorithms=["ES256"])

    assert is_refused(await presented(application, forged))


@pytest.mark.parametrize("form", ["jwk", "coordinate", "pem", "nothing"])
async def test_the_public_key_is_no_shared_secret(form: str, application: Application, alice: Client) -> None:
    """HS256 over what everybody may know of the key, in each form that it is published in, and over nothing."""
    header, payload, _ = await parts(application, alice)
    jwk: str = await application.database.read(lambda connection: connection.execute(_PUBLIC).scalar_one())
    pem = ECKey.import_key(json.loads(jwk)).as_pem(private=False)
    secrets = {"jwk": jwk.encode(), "coordinate": json.loads(jwk)["x"].encode(), "pem": pem, "nothing": b""}
    begun = f"{segment({**header, 'alg': 'HS256'})}.{payload}"

    mac = hmac.digest(secrets[form], begun.encode(), "sha256")

    assert is_refused(await presented(application, f"{begun}.{urlsafe_b64encode(mac).decode()}"))


async def test_a_header_says_each_thing_once(application: Application, alice: Client) -> None:
    """A second `alg` or `kid`, which another parser might take for the first, is no header of ours."""
    header, payload, signature = await parts(application, alice)
    text = json.dumps(header, separators=(",", ":"))

    for changed in (text.replace("{", '{"alg":"none",', 1), text.replace("}", ',"kid":"x"}'), text + " ", f"\n{text}"):
        written = urlsafe_b64encode(changed.encode()).decode()
        assert is_refused(await presented(application, f"{written}.{payload}.{signature}"))


async def test_a_token_is_written_in_one_way(application: Application, alice: Client) -> None:
    """Padding, white space, the other alphabet, spare bits, more parts, and what was cut off: none is the token."""
    header, payload, signature = await parts(application, alice)
    first = segment(header)
    spare = {"A": "B", "Q": "R", "g": "h", "w": "x"}[signature[-1]]
    tokens = [
        f"{first}.{payload}.{signature}=",
        f"{first}.{payload}.{signature[:40]} {signature[40:]}",
        f"{first}.{payload}.!{signature}",
        f"{first}.{payload}.{signature[:-1]}{spare}",
        f"{first}.{payload}.{signature[:-2]}",
        f"{first}.{payload}.{signature}.",
        f"{first}.{payload}.{signature}.{signature}",
        f"{first}.{payload}",
        f"{first}..{signature}",
        f"{first}.{payload}.{segment([0] * 64)}",
        f"{first}.{payload}.{urlsafe_b64encode(bytes(64)).decode()}",
    ]

    assert [token for token in tokens if not is_refused(await presented(application, token))] == []


async def test_a_signature_that_was_turned_around_is_no_other_login(instance: Instance) -> None:
    """ECDSA knows two signatures of each text. The twin says the same, and ends with the same login."""
    login = await instance.logged_in("alice")
    header, payload, signature = (await instance.tokens.issue(login, ())).token.split(".")
    raw = urlsafe_b64decode(signature.encode())
    turned = raw[:32] + (ORDER - int.from_bytes(raw[32:])).to_bytes(32)
    twin = f"{header}.{payload}.{urlsafe_b64encode(turned).decode()}"

    found = await instance.tokens.verify(twin)
    instance.clock.advance(400 * SECOND_MS)

    assert (found.identity, found.credential) == ("user:alice", f"bearer:{login.credential}")
    with pytest.raises(InvalidToken):
        await instance.tokens.verify(twin)


@pytest.mark.parametrize(
    "payload", ["[" * 200_000, '{"a":' * 100_000, "1" * 1_000_000], ids=["lists", "maps", "digits"]
)
async def test_what_nobody_signed_is_not_read(payload: str, application: Application, alice: Client) -> None:
    """A payload made to exhaust a parser never gets to one: the signature comes first."""
    header, _, signature = await parts(application, alice)
    nested = urlsafe_b64encode(payload.encode()).decode()

    assert is_refused(await presented(application, f"{segment(header)}.{nested}.{signature}"))


CLAIMS = {
    "an end that is no number": {"exp": "9999999999"},
    "an end with a fraction": {"exp": 9999999999.5},
    "an end in words": {"exp": True},
    "no end": {"exp": None},
    "an end before all time": {"exp": -(2**62)},
    "a beginning after all time": {"nbf": 2**62},
    "a beginning that is no number": {"nbf": []},
    "made after all time": {"iat": 2**62},
    "a list of audiences": {"aud": ["entrepot"]},
    "an audience in capitals": {"aud": "ENTREPOT"},
    "no audience": {"aud": ""},
    "a part of the registry itself": {"sub": "internal:scanner"},
    "a workload": {"sub": "workload:ci"},
    "a robot with the login of a user": {"sub": "robot:alice"},
    "somebody else with the login of a user": {"sub": "user:root"},
    "nobody by an empty name": {"sub": "user:"},
    "a kind in capitals": {"sub": "USER:alice"},
    "a name that is a list": {"sub": ["user:alice"]},
    "scopes that are a text": {"access": "repository:team/app:pull"},
    "scopes that are a map": {"access": {"type": "repository"}},
    "actions that are a text": {"access": [{"type": "repository", "name": "team/app", "actions": "pull"}]},
    "a name of a repository that is a list": {"access": [{"type": "repository", "name": ["a"], "actions": ["pull"]}]},
    "an action in capitals": {"access": [{"type": "repository", "name": "team/app", "actions": ["PULL"]}]},
    "the login of a session": {"cred": "session:01JD2F7ZK3Q8V5T6X9Y0B1C2D4"},
    "the login of no token": {"cred": "token:01JD2F7ZK3Q8V5T6X9Y0B1C2D4"},
    "no login": {"cred": ""},
}


@pytest.mark.parametrize("changes", CLAIMS.values(), ids=CLAIMS.keys())
async def test_claims_of_other_types_and_kinds_are_refused(changes: dict[str, object], instance: Instance) -> None:
    """Even under our own signature."""
    now = instance.clock() // SECOND_MS
    good: dict[str, object] = {"iss": "entrepot", "sub": "user:alice", "aud": "entrepot", "jti": "1", "access": []}
    good |= {"exp": now + 60, "nbf": now, "iat": now, "cred": (await instance.logged_in("alice")).credential}
    forged = await instance.keys.sign(msgspec.json.encode({**good, **changes}))

    assert (await instance.tokens.verify(await instance.keys.sign(msgspec.json.encode(good)))).name == "alice"
    with pytest.raises(InvalidToken):
        await instance.tokens.verify(forged)


async def test_a_scope_of_a_token_is_no_pattern(instance: Instance) -> None:
    """A token for `*` or `team/**` is one for repositories that are called so, which none is."""
    login = await instance.logged_in("alice")
    now = instance.clock() // SECOND_MS
    access = [{"type": "repository", "name": name, "actions": ["pull"]} for name in ("team/**", "**", "team/", "")]
    claims: dict[str, object] = {
        "iss": "entrepot",
        "sub": "user:alice",
        "aud": "entrepot",
        "jti": "1",
        "access": access,
    }
    claims |= {"exp": now + 60, "nbf": now, "iat": now, "cred": login.credential}

    found = await instance.tokens.verify(await instance.keys.sign(msgspec.json.encode(claims)))

    assert found.kind is PrincipalKind.USER
    assert not any(found.allows_scope(action, "team/app") for action in found.scopes[0].actions)  # type: ignore[index]


async def test_a_token_of_the_registry_opens_no_api(application: Application, alice: Client) -> None:
    """One that names repositories neither reads nor changes anything in `/api` beyond them."""
    token = await fetched(application, alice, "repository:team/app:pull,push", "registry:catalog:*")

    for method, target, body in (
        ("POST", "/api/v1/tokens", {"name": "laptop"}),
        ("POST", "/api/v1/grants", {"principal": "bob", "path_pattern": "team/**", "role": "admin"}),
        ("PUT", "/api/v1/projects/team/members/bob", {"role": "admin"}),
        ("PATCH", "/api/v1/projects/team", {"visibility": "public"}),
        ("DELETE", "/api/v1/projects/team", {}),
        ("DELETE", "/api/v1/sessions", {}),
    ):
        assert (await token.send_json(method, target, body)).status in (401, 403), target


async def test_a_token_of_the_api_opens_no_repository(application: Application, alice: Client) -> None:
    """What stands for its whole principal in `/api` covers nothing in `/v2`."""
    token = await fetched(application, alice, "registry:api:*")

    assert (await token.get(ME)).status == 200
    for method, target in (
        ("GET", TAGS),
        ("DELETE", "/v2/team/app/manifests/v1"),
        ("POST", "/v2/team/app/blobs/uploads/"),
    ):
        answer = await token.send(method, target)
        assert (answer.status, 'error="insufficient_scope"' in answer.header("www-authenticate")) == (401, True)


async def test_what_a_cookie_holds_is_good_nowhere_else(application: Application, alice: Client) -> None:
    """Whole or its lasting part, as a password or a bearer, in the registry, in the API and at the token service."""
    browser = Browser(application)
    assert (alice.server, (await browser.log_in("alice")).status) == (application.server, 201)
    (value,) = browser.cookies.values()
    lasting = value.rpartition("_")[0]

    for client, target in (
        (basic(application, "alice", value), TAGS),
        (basic(application, "alice", lasting), "/auth/token"),
        (bearer(application, value), ME),
        (bearer(application, lasting), TAGS),
    ):
        assert (await client.get(target)).status == 401, target


async def test_a_personal_token_is_no_cookie(application: Application, alice: Client) -> None:
    """Nor is a token of the registry."""
    secret = (await alice.post("/api/v1/tokens", {"name": "cookie"})).json["secret"]
    token = (await alice.get("/auth/token")).json["token"]

    for value in (secret, f"{secret}_{'0' * 64}", token):
        answer = await application.anonymous().send("GET", ME, b"", ("cookie", f"entrepot-session={value}"))
        assert (answer.status, answer.json["code"]) == (401, "session_ended")
