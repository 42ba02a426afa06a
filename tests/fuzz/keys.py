# SPDX-License-Identifier: Apache-2.0
"""Targets: keys as their files hold them, secrets as the database does, and the states of encrypted uploads."""

from contextlib import suppress

from hypothesis import strategies as st

from entrepot.features.tokens.instance_key import CannotUnseal
from entrepot.features.tokens.instance_key import InstanceKey
from entrepot.features.tokens.instance_key import key_id_of
from entrepot.infra.keys.key_file import KEY_BYTES
from entrepot.infra.keys.key_file import InvalidKey
from entrepot.infra.keys.key_file import parse_key
from entrepot.infra.storage.interface import SealedKey
from entrepot.infra.storage.sealing import STATE_HEAD_BYTES
from entrepot.infra.storage.sealing import SealBroken
from entrepot.infra.storage.sealing import SealedUpload
from entrepot.infra.storage.sealing import Sealer
from entrepot.infra.storage.sealing import key_id_of_state
from entrepot.infra.storage.sealing import parse_upload_state
from entrepot.infra.storage.sealing import upload_state
from tests.fuzz.inputs import near
from tests.fuzz.target import Target
from tests.fuzz.target import target

KEY_TEXT = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY"
STATE = upload_state(SealedUpload(SealedKey("0123456789abcdef", b"w" * 60), 3, b"rest", b"state"))
SEALER = Sealer(b"k" * 32)
INSTANCE_KEY = InstanceKey(b"k" * 32)
SEALED = INSTANCE_KEY.seal("a purpose", b"a secret").decode("ascii")


def _changed(good: bytes) -> st.SearchStrategy[bytes]:
    cut = st.integers(0, len(good))
    return st.builds(lambda at, noise, rest: good[:at] + noise + good[at + rest :], cut, st.binary(max_size=40), cut)


def _key(text: str) -> None:
    with suppress(InvalidKey):
        key = parse_key(text, "a file")
        assert len(key.secret) == KEY_BYTES
        assert text.strip() not in repr(key)


def _state(state: bytes) -> None:
    with suppress(SealBroken):
        upload = parse_upload_state(state)
        assert (upload is None) == (key_id_of_state(state[:STATE_HEAD_BYTES]) is None)
        assert upload is None or upload.chunks >= 0


def _chunk(chunk: bytes) -> None:
    with suppress(SealBroken):
        assert SEALER.open_chunk(chunk, 7) == b"content"


def _sealed(text: str) -> None:
    sealed = text.encode(errors="surrogatepass")
    with suppress(CannotUnseal):
        assert len(key_id_of(sealed)) <= len(text)
        assert INSTANCE_KEY.unseal("a purpose", sealed) == b"a secret"


TARGETS: tuple[Target, ...] = (
    target("key", parse_key, near(KEY_TEXT, f"{KEY_TEXT}\n"), _key),
    target("state of an upload", parse_upload_state, _changed(STATE), _state),
    target("sealed chunk", Sealer.open_chunk, _changed(SEALER.seal_chunk(b"content", 7)), _chunk),
    target("sealed secret", InstanceKey.unseal, near(SEALED), _sealed),
)
