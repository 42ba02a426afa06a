# SPDX-License-Identifier: Apache-2.0
"""Targets: what a bucket, its givers of keys and their files say, and the states of uploads in it."""

from contextlib import suppress
from xml.etree.ElementTree import ParseError

from entrepot.infra.storage.google.credentials import parse_impersonated
from entrepot.infra.storage.google.identity import Federation
from entrepot.infra.storage.google.identity import parse_identity
from entrepot.infra.storage.interface import UploadLost
from entrepot.infra.storage.s3.answers import parse_open_uploads
from entrepot.infra.storage.s3.answers import parse_xml
from entrepot.infra.storage.s3.bearer import parse_token
from entrepot.infra.storage.s3.credentials import parse_profile
from entrepot.infra.storage.s3.state import Piece
from entrepot.infra.storage.s3.state import State
from entrepot.infra.storage.s3.state import encoded
from entrepot.infra.storage.s3.state import parse_state
from entrepot.infra.storage.s3.web_identity import parse_lent
from entrepot.kernel.clock import Milliseconds
from tests.fuzz.inputs import near
from tests.fuzz.target import target

UPLOAD = b"<Upload><Key>k</Key><UploadId>u</UploadId><Initiated>2026-11-06T21:21:00.000Z</Initiated></Upload>"
LISTED = b'<?xml version="1.0"?><R xmlns="x">%b<IsTruncated>true</IsTruncated><NextKeyMarker>k</NextKeyMarker></R>'
LENT = (
    b"<R><AccessKeyId>a</AccessKeyId><SecretAccessKey>b</SecretAccessKey><SessionToken>c</SessionToken>"
    b"<Expiration>2026-11-06T21:21:00Z</Expiration></R>"
)
PROFILE = "[default]\naws_access_key_id = a\naws_secret_access_key = b\n continued\n[other]\n"
TOKEN = '{"access_token":"ya29.a","expires_in":3599,"token_type":"Bearer"}'
IMPERSONATED = '{"accessToken":"ya29.a","expireTime":"2026-11-06T21:21:00Z"}'
FEDERATION = (
    '{"type":"external_account","audience":"a","subject_token_type":"t","token_url":"https://sts.example.org/v1/token",'
    '"credential_source":{"file":"/run/token","format":{"type":"json","subject_token_field_name":"f"}}}'
)
STATE = encoded(State(part_bytes=16, upload_id="u", parts=[], pieces=[Piece("uploads/a/b", 3, "ab")]))

LISTS = near((LISTED % UPLOAD).decode()).map(str.encode)


def _xml(body: bytes) -> None:
    with suppress(ParseError):
        parse_xml(body)


def _open_uploads(body: bytes) -> None:
    with suppress(ParseError, ValueError):
        found, following = parse_open_uploads(body)
        assert all(isinstance(each.initiated_ms, int) for each in found)
        assert following is None or len(following) == 2


def _lent(body: bytes) -> None:
    with suppress(ValueError):
        assert parse_lent(body, "eu-test-1").expires_at is not None


def _profile(text: str) -> None:
    with suppress(ValueError):
        parse_profile(text, "default", "eu-test-1")


def _token(body: bytes) -> None:
    with suppress(ValueError):
        assert parse_token(body, Milliseconds(0)).expires_at


def _impersonated(body: bytes) -> None:
    with suppress(ValueError):
        assert parse_impersonated(body).expires_at is not None


def _identity(text: str) -> None:
    with suppress(ValueError):
        found = parse_identity(text)
        assert isinstance(found, Federation), "nothing near to this is an RSA key"
        assert found.token_url


def _state(state: bytes) -> None:
    with suppress(UploadLost):
        assert parse_state(state).size >= 0


TARGETS = (
    target("answers of buckets", parse_xml, LISTS, _xml),
    target("uploads in buckets", parse_open_uploads, LISTS, _open_uploads),
    target("lent keys", parse_lent, near(LENT.decode()).map(str.encode), _lent),
    target("tokens of OAuth", parse_token, near(TOKEN).map(str.encode), _token),
    target("tokens of accounts", parse_impersonated, near(IMPERSONATED).map(str.encode), _impersonated),
    target("identities at Google", parse_identity, near(FEDERATION), _identity),
    target("profiles of keys", parse_profile, near(PROFILE), _profile),
    target(
        "states of uploads",
        parse_state,
        near(STATE.decode("latin-1")).map(lambda text: text.encode("latin-1", "replace")),
        _state,
    ),
)
