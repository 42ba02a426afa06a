# SPDX-License-Identifier: Apache-2.0
"""The secrets of an installation that are not in its database: they encrypt those that are.

One key is current, and encrypts; others open what they encrypted before. What is
encrypted names its key, so that it can be encrypted anew under the current one.
"""

import json
from collections.abc import Sequence
from pathlib import Path

from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import OctKey
from joserfc.util import urlsafe_b64decode

from entrepot.infra.keys.key_file import InvalidKey
from entrepot.infra.keys.key_file import Key
from entrepot.infra.keys.key_file import make_key_file
from entrepot.infra.keys.key_file import parse_key
from entrepot.infra.keys.key_file import read_key
from entrepot.infra.keys.settings import KeySettings
from entrepot.kernel.errors import AppError

INSTANCE_KEY_FILE_NAME = "instance.key"

DEFAULT = KeySettings()

_SEALING = {"alg": "dir", "enc": "A256GCM"}


class InvalidInstanceKey(AppError):
    """The instance key is not 32 bytes in base64url."""

    code = "invalid_instance_key"
    default_hint = "Restore the key this instance was set up with, from its data directory or its configuration."


class CannotUnseal(AppError):
    """A secret in the database was encrypted by an instance key that is not here, or it was changed."""

    code = "cannot_unseal"


class InstanceKey:
    """The keys of 256 bits that a process was given. Their text never shows a secret."""

    __slots__ = ("_by_id", "_root", "current")

    def __init__(self, secret: bytes, others: Sequence[Key] = (), *, origin: str = "", root: bytes = b"") -> None:
        """`secret` is the current key; `root` is what purposes are derived from, by default the same."""
        self.current = Key(secret, origin)
        self._by_id = {key.id: key for key in (self.current, *others)}
        self._root = Key(root or secret, "root")

    @property
    def all(self) -> tuple[Key, ...]:
        """The keys, the current one first."""
        return tuple(self._by_id.values())

    def rooted(self, root: bytes) -> "InstanceKey":
        """Return the same keys, deriving from `root`."""
        return InstanceKey(self.current.secret, self.all[1:], origin=self.current.origin, root=root)

    def derive(self, purpose: str) -> bytes:
        """Return a key of 32 bytes for one purpose; the keys of two purposes tell nothing of each other.

        It stays the same when the instance key is replaced.
        """
        return self._root.derive(purpose)

    def seal(self, purpose: str, plain: bytes) -> bytes:
        """Return a secret as it is stored: encrypted by the current key (JWE, `dir` with `A256GCM`)."""
        header = {**_SEALING, "kid": self.current.id}
        return jwe.encrypt_compact(header, plain, _jwk(self.current, purpose)).encode("ascii")

    def unseal(self, purpose: str, sealed: bytes) -> bytes:
        """Return what `seal` returned for this purpose, with any of the keys. Raises `CannotUnseal`."""
        key_id = key_id_of(sealed)
        if key_id and key_id not in self._by_id:
            raise CannotUnseal(f"it is encrypted by the instance key {key_id}, which is not here")
        keys = [self._by_id[key_id]] if key_id else self.all
        for key in keys:
            opened = _opened(sealed, _jwk(key, purpose))
            if opened is not None:
                return opened
        raise CannotUnseal

    def opens(self, purpose: str, sealed: bytes) -> Key | None:
        """Return the key that opens it, None if none does."""
        return next((key for key in self.all if _opened(sealed, _jwk(key, purpose)) is not None), None)


def key_id_of(sealed: bytes) -> str:
    """Return which instance key a sealed secret names; empty where it names none, as none did before there were two.

    Raises `CannotUnseal` for what is no sealed secret.
    """
    try:
        header = json.loads(urlsafe_b64decode(sealed.partition(b".")[0]))
    except (ValueError, RecursionError) as error:
        raise CannotUnseal from error
    key_id = header.get("kid", "") if isinstance(header, dict) else None
    if not isinstance(key_id, str):
        raise CannotUnseal
    return key_id


def load_instance_key(data_dir: Path, named: KeySettings = DEFAULT) -> InstanceKey:
    """Return the keys that are named; by default that of `<data_dir>/instance.key`, which is made if absent.

    Any number of processes may call this at once and all get the same key.
    Raises `InvalidInstanceKey`, `KeyFileUnreadable`, and `OSError` when the file cannot be made.
    """
    try:
        current = _current(data_dir, named)
        known = [read_key(path) for path in named.other_instance_key_files]
    except InvalidKey as error:
        raise InvalidInstanceKey(error.message) from error
    return InstanceKey(current.secret, known, origin=current.origin)


def _current(data_dir: Path, named: KeySettings) -> Key:
    if given := named.instance_key.get_secret_value():
        return parse_key(given, "the configured instance key")
    if named.instance_key_file is not None:
        return read_key(named.instance_key_file)
    path = data_dir / INSTANCE_KEY_FILE_NAME
    if not path.exists():
        make_key_file(path)
    return read_key(path, is_private=False)


def _jwk(key: Key, purpose: str) -> OctKey:
    return OctKey.import_key(key.derive(purpose))


def _opened(sealed: bytes, key: OctKey) -> bytes | None:
    try:
        return jwe.decrypt_compact(sealed, key, algorithms=list(_SEALING.values())).plaintext or b""
    except (JoseError, ValueError):
        return None
