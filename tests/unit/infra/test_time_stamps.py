# SPDX-License-Identifier: Apache-2.0
"""A time stamp is of what was asked about, made by whom somebody trusted vouches for."""

from datetime import UTC
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.infra import time_stamps
from entrepot.infra.time_stamps import NotStamped
from entrepot.infra.time_stamps import query
from entrepot.infra.time_stamps import token_in
from entrepot.infra.time_stamps import verify
from entrepot.kernel.clock import system_clock
from tests.fakes.time_stamp_authority import RSA
from tests.fakes.time_stamp_authority import TimeStampAuthority
from tests.unit.infra.http.tls import made

CONTENT, NONCE = b"a checkpoint", 2**62 + 7


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for keys."""
    return tmp_path_factory.mktemp("authorities")


@pytest.fixture(scope="module")
def authority(folder: Path) -> TimeStampAuthority:
    """An authority."""
    return TimeStampAuthority(folder / "authority")


@pytest.fixture(scope="module")
def token(authority: TimeStampAuthority) -> bytes:
    """A time stamp that it made."""
    return token_in(authority.stamp(query(CONTENT, NONCE)))


def test_a_time_stamp_tells_when(authority: TimeStampAuthority, token: bytes) -> None:
    """To the second at least."""
    at = verify(token, CONTENT, authority.ca_file.read_bytes(), NONCE)

    assert abs(system_clock() - at) < 60_000


def test_keys_of_other_kinds_are_known(folder: Path) -> None:
    """RSA, with a longer hash."""
    authority = TimeStampAuthority(folder / "rsa", key=RSA, digest="sha512")
    token = token_in(authority.stamp(query(CONTENT, NONCE)))

    assert verify(token, CONTENT, authority.ca_file.read_bytes(), NONCE)


def test_another_content_or_question_is_told(authority: TimeStampAuthority, token: bytes) -> None:
    """What is stamped is a hash, and the answer has the number of the question."""
    authorities = authority.ca_file.read_bytes()
    with pytest.raises(NotStamped, match="of something else"):
        verify(token, b"another checkpoint", authorities)
    with pytest.raises(NotStamped, match="another question"):
        verify(token, CONTENT, authorities, NONCE + 1)


def test_who_made_it_has_to_be_trusted(folder: Path, token: bytes) -> None:
    """An authority of the same name is another one."""
    other = TimeStampAuthority(folder / "other")
    with pytest.raises(NotStamped, match="nobody who is trusted"):
        verify(token, CONTENT, other.ca_file.read_bytes())
    with pytest.raises(NotStamped, match="cannot be read"):
        verify(token, CONTENT, b"")


def test_who_signs_anything_else_signs_no_time_stamps() -> None:
    """The certificate has to be for time stamps and nothing else: that of a server is not."""
    signer = made.authority("localhost")
    server = made.leaf(signer, "localhost")

    with pytest.raises(NotStamped, match="may not sign time stamps"):
        time_stamps._require_chain(server.certificate, [], made.pem(signer.certificate), datetime.now(UTC))


@pytest.mark.filterwarnings("ignore:Parsed a serial number")
@given(st.data())
def test_whatever_is_changed_is_told(authority: TimeStampAuthority, token: bytes, data: st.DataObject) -> None:
    """Any byte, any part: it is the same moment, or no time stamp; never another moment, never another error."""
    place = data.draw(st.integers(0, len(token) - 1))
    changed = token[:place] + bytes([token[place] ^ data.draw(st.integers(1, 255))]) + token[place + 1 :]
    authorities = authority.ca_file.read_bytes()
    try:
        at = verify(changed, CONTENT, authorities)
    except NotStamped:
        return

    assert at == verify(token, CONTENT, authorities)


@given(st.binary(max_size=200))
def test_an_answer_that_is_none_is_told(answer: bytes) -> None:
    """Whatever it is."""
    with pytest.raises(NotStamped):
        token_in(answer)
    with pytest.raises(NotStamped):
        verify(answer, CONTENT, b"")


def test_a_refusal_is_told(authority: TimeStampAuthority) -> None:
    """In the word of the authority: this one knows no such hash."""
    asked = query(CONTENT, NONCE).replace(bytes.fromhex("608648016503040201"), bytes.fromhex("608648016503040202"))

    with pytest.raises(NotStamped, match="rejection"):
        token_in(authority.stamp(asked))
