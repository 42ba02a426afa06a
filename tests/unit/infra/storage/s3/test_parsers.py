# SPDX-License-Identifier: Apache-2.0
"""Whatever stands in a file, a row or an answer, reading it raises what is documented and nothing else."""

from contextlib import suppress
from xml.etree.ElementTree import ParseError

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.infra.storage.interface import UploadLost
from entrepot.infra.storage.s3.answers import StoredPart
from entrepot.infra.storage.s3.answers import error_code
from entrepot.infra.storage.s3.answers import parse_open_uploads
from entrepot.infra.storage.s3.answers import parse_xml
from entrepot.infra.storage.s3.answers import texts
from entrepot.infra.storage.s3.credentials import parse_profile
from entrepot.infra.storage.s3.state import Piece
from entrepot.infra.storage.s3.state import State
from entrepot.infra.storage.s3.state import encoded
from entrepot.infra.storage.s3.state import parse_state
from entrepot.infra.storage.s3.web_identity import parse_lent

WORDS = (b"<Upload><Key>k</Key><UploadId>u</UploadId>", b"<Initiated>", b"2026-01-01T00:00:00Z", b"0001-01-01T00:00:00")
MARKS = (b"</Initiated></Upload>", b"<IsTruncated>true</IsTruncated>", b"<Expiration>", b"</Expiration>", b"<", b"&#0;")
ANYTHING = st.binary(max_size=200) | st.lists(st.sampled_from(WORDS + MARKS) | st.binary(max_size=4), max_size=9).map(
    lambda parts: b"<a>" + b"".join(parts) + b"</a>"
)


@given(ANYTHING)
def test_answers_are_read_or_refused(body: bytes) -> None:
    """No answer of a server breaks what reads it."""
    with suppress(ParseError):
        parse_xml(body)
    with suppress(ParseError):
        texts(body, "Key")
    with suppress(ParseError, ValueError):
        parse_open_uploads(body)
    with suppress(ValueError):
        parse_lent(body, "eu-test-1")
    assert error_code(body).isascii()


@pytest.mark.parametrize("encoding", ["foo", "cp932", "utf-7"])
def test_an_answer_may_name_any_encoding(encoding: str) -> None:
    """It is UTF-8 nevertheless, or nothing."""
    assert error_code(f'<?xml version="1.0" encoding="{encoding}"?><Error><Code>SlowDown</Code></Error>'.encode()) == (
        "SlowDown"
    )


def test_entities_are_not_expanded_in_any_encoding() -> None:
    """A declaration is refused also where it is spelled so that nobody sees it."""
    text = '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE a [<!ENTITY x "yy">]><a>&x;</a>'

    for body in (text.encode("utf-16"), text.encode()):
        with pytest.raises(ParseError):
            parse_xml(body)


@given(st.binary(max_size=100) | st.text(max_size=100).map(str.encode))
def test_a_state_is_read_or_lost(state: bytes) -> None:
    """No row breaks what reads it."""
    with suppress(UploadLost):
        assert parse_state(state).size >= 0


PIECES = st.builds(Piece, st.text(), st.integers(0, 2**40), st.text(), st.booleans())


@given(st.builds(State, part_bytes=st.integers(0, 2**40), upload_id=st.text(), pieces=st.lists(PIECES, max_size=9)))
def test_a_state_comes_back(state: State) -> None:
    """What is kept with the session is what was told."""
    assert parse_state(encoded(state)) == state


@pytest.mark.parametrize(
    "state",
    [
        State(version=1),
        State(parts_bytes=-1),
        State(pieces=[Piece("", -1)]),
        State(pieces=[Piece("", 1)] * 65),
        State(parts=[StoredPart("")] * 10_001),
    ],
)
def test_a_state_of_another_kind_is_lost(state: State) -> None:
    """What another version of the server wrote is not guessed at."""
    with pytest.raises(UploadLost):
        parse_state(encoded(state))


LINES = st.sampled_from(
    ["[default]", "[other]", "aws_access_key_id = a", "aws_secret_access_key=s", " more", "=", "[", "%(x)s", "#"]
)


@given(st.lists(LINES | st.text(max_size=9), max_size=9).map("\n".join))
def test_a_file_of_profiles_is_read_or_refused_without_its_words(text: str) -> None:
    """A broken file is said to be one, and nothing of it is told."""
    try:
        parse_profile(text, "default", "eu-test-1")
    except ValueError as error:
        assert str(error) == "no such profile"  # noqa: PT017 - it need not be raised


@pytest.mark.parametrize("expiration", ["", "soon: a secret", "2026-13-01T00:00:00Z"])
def test_keys_without_an_end_are_refused_without_their_words(expiration: str) -> None:
    """The message about an answer of STS holds nothing of it."""
    inside = "<AccessKeyId>a</AccessKeyId><SecretAccessKey>b</SecretAccessKey><SessionToken>c</SessionToken>"

    with pytest.raises(ValueError, match=r"^no keys$"):
        parse_lent(f"<a>{inside}<Expiration>{expiration}</Expiration></a>".encode(), "eu-test-1")
