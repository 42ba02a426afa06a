# SPDX-License-Identifier: Apache-2.0
"""The fake S3 lets nobody in whose request is not signed as it should be."""

from dataclasses import replace
from datetime import timedelta
from typing import Literal

import obstore
import pytest
from obstore.store import S3Store

from tests.contracts.s3.client import Answered
from tests.contracts.s3.client import Client
from tests.contracts.s3.stores import store_of
from tests.fakes.s3.accounts import OWNER
from tests.fakes.s3.accounts import Account
from tests.fakes.s3.server import S3Server


@pytest.fixture
def store(s3: S3Server) -> S3Store:
    """What signs by itself, with nothing of ours."""
    return store_of(s3.url)


def target_of(store: S3Store, method: Literal["GET", "PUT"] = "GET", key: str = "a b/ü+~") -> str:
    """Return what a presigned URL asks for."""
    url = obstore.sign(store, method, key, timedelta(seconds=60))
    return "/" + url.partition("://")[2].partition("/")[2]


def refused(answered: Answered) -> tuple[int, str]:
    """Return how a request was refused."""
    return answered.status, answered.one("Code")


@pytest.mark.parametrize("is_payload_signed", [True, False])
def test_what_another_signs_is_verified(s3: S3Server, is_payload_signed: bool) -> None:
    """Two implementations agree, also where the body is not signed."""
    store = store_of(s3.url, unsigned_payload=not is_payload_signed)

    obstore.put(store, "a b/ü+~=&?#%41", b"hello", use_multipart=False)

    assert s3.objects["a b/ü+~=&?#%41"].body == b"hello"


@pytest.mark.parametrize(
    ("client", "code"),
    [
        (Client("", replace(OWNER, secret="another")), "SignatureDoesNotMatch"),
        (Client("", replace(OWNER, key_id="nobody")), "InvalidAccessKeyId"),
        (Client("", replace(OWNER, token="none")), "InvalidToken"),
    ],
)
def test_another_key_is_refused(s3: S3Server, client: Client, code: str) -> None:
    """Each by its own code."""
    assert replace(client, url=s3.url).ask("GET", "k").one("Code") == code


def test_another_region_is_refused(s3: S3Server) -> None:
    """It is not the scope of the signature."""
    assert refused(Client(s3.url, region="other").ask("GET", "k")) == (400, "AuthorizationHeaderMalformed")


def test_a_request_without_a_signature_is_refused(client: Client) -> None:
    """As nobody's."""
    assert refused(client.send("GET", "/registry/k")) == (403, "AccessDenied")
    assert client.send("GET", "/registry/k", headers={"Authorization": "Basic abc"}).status == 400


def test_what_was_changed_on_the_way_is_refused(s3: S3Server, store: S3Store) -> None:
    """Another key, another query, another body, another header."""
    client, target = Client(s3.url), target_of(store)

    assert client.send("GET", target.replace("registry/a", "registry/b")).one("Code") == "SignatureDoesNotMatch"
    assert client.send("GET", target + "&versionId=1").one("Code") == "SignatureDoesNotMatch"
    assert client.send("PUT", target, b"x").one("Code") == "SignatureDoesNotMatch"
    assert client.send("GET", target, headers={"x-amz-meta-a": "b"}).one("Code") == "AccessDenied"
    assert client.send("GET", target, headers={"Host": "other"}).one("Code") == "SignatureDoesNotMatch"


def test_a_body_that_is_not_the_signed_one_is_refused(client: Client, s3: S3Server) -> None:
    """Nothing is kept."""
    target, headers = client.sign("PUT", "k", body=b"hello")

    assert refused(client.send("PUT", target, b"other", headers)) == (400, "XAmzContentSHA256Mismatch")
    assert not s3.objects


def test_a_presigned_url_is_good_until_it_expires(s3: S3Server, client: Client, store: S3Store) -> None:
    """And no moment longer."""
    client.ask("PUT", "a b/ü+~", body=b"hello")
    target, now = target_of(store), s3.clock()

    assert client.send("GET", target, headers={"Range": "bytes=1-2"}).body == b"el"
    s3.clock = lambda: now + 61
    assert refused(client.send("GET", target)) == (403, "AccessDenied")


def test_a_presigned_put_stores(s3: S3Server, client: Client, store: S3Store) -> None:
    """Whatever body comes with it."""
    assert client.send("PUT", target_of(store, "PUT", "k"), b"hello").status == 200
    assert s3.objects["k"].body == b"hello"


def test_a_signature_of_another_hour_is_refused(s3: S3Server, client: Client) -> None:
    """In a header; a quarter of an hour is allowed."""
    now = s3.clock()

    s3.clock = lambda: now - 840
    assert client.ask("GET", "k").status == 404
    s3.clock = lambda: now + 960
    assert refused(client.ask("GET", "k")) == (403, "RequestTimeTooSkewed")


def test_temporary_keys_need_their_token_and_expire(s3: S3Server) -> None:
    """In headers and in presigned URLs."""
    account = s3.accounts.add_temporary(30)
    client, now = Client(s3.url, account), s3.clock()
    target = target_of(store_of(s3.url, account))

    assert client.ask("PUT", "a b/ü+~", body=b"hello").status == 200
    assert client.send("GET", target).body == b"hello"
    assert replace(client, account=replace(account, token="")).ask("GET", "k").one("Code") == "InvalidAccessKeyId"
    s3.clock = lambda: now + 31
    assert refused(client.ask("GET", "k")) == (400, "ExpiredToken")
    assert refused(client.send("GET", target)) == (400, "ExpiredToken")


def test_keys_are_replaced_while_it_runs(s3: S3Server, client: Client) -> None:
    """The new one is good from then on, and the old one is nobody's."""
    new = s3.accounts.add(Account("AKIDNEW", "new secret"))
    s3.accounts.remove(OWNER)

    assert client.ask("GET", "k").one("Code") == "InvalidAccessKeyId"
    assert Client(s3.url, new).ask("GET", "k").one("Code") == "NoSuchKey"
    s3.accounts.expire(new)
    assert Client(s3.url, new).ask("GET", "k").one("Code") == "ExpiredToken"


FORM = {
    "Action": "AssumeRoleWithWebIdentity",
    "Version": "2011-06-15",
    "RoleArn": "arn:aws:iam::1:role/registry",
    "RoleSessionName": "entrepot",
    "WebIdentityToken": "of a workload",
}


def assume(client: Client, form: dict[str, str]) -> Answered:
    """Ask for temporary keys."""
    body = "&".join(f"{name}={value.replace(' ', '+')}" for name, value in form.items()).encode()
    return client.send("POST", "/", body, {"Content-Type": "application/x-www-form-urlencoded"})


def test_a_workload_gets_keys_for_its_token(s3: S3Server, client: Client) -> None:
    """They are good for what it asks, and say when they end."""
    s3.sts.accepted["of a workload"] = FORM["RoleArn"]

    given = assume(client, FORM | {"DurationSeconds": "900"})

    account = Account(given.one("AccessKeyId"), given.one("SecretAccessKey"), given.one("SessionToken"))
    assert given.one("Expiration").endswith("Z")
    assert Client(s3.url, account).ask("PUT", "k", body=b"x").status == 200
    assert s3.calls.counts() == {"AssumeRoleWithWebIdentity": 1, "PutObject": 1}


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"WebIdentityToken": "of another"}, "InvalidIdentityToken"),
        ({"RoleArn": "another"}, "AccessDenied"),
        ({"DurationSeconds": "60"}, "ValidationError"),
        ({"RoleSessionName": ""}, "ValidationError"),
        ({"Action": "GetCallerIdentity"}, "InvalidAction"),
    ],
)
def test_nobody_else_gets_keys(s3: S3Server, client: Client, changed: dict[str, str], code: str) -> None:
    """Each refusal has its code."""
    s3.sts.accepted["of a workload"] = FORM["RoleArn"]

    assert assume(client, FORM | changed).one("Code") == code
    assert not s3.sts.given
