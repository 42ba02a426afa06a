# SPDX-License-Identifier: Apache-2.0
"""Keeping the logins for sources: encrypted by the instance's key, and opened only where they are sent."""

import msgspec

from entrepot.features.imports.models import Login
from entrepot.features.tokens import CannotUnseal
from entrepot.features.tokens import InstanceKey


def sealed_for(import_id: str) -> str:
    """Return the purpose that the login of an import is encrypted for."""
    return f"import login {import_id}"


class Sealing:
    """Encrypts logins by the instance's key."""

    def __init__(self, key: InstanceKey) -> None:
        self._key = key

    def seal(self, import_id: str, login: Login | None) -> bytes | None:
        """Return a login as it is stored; None for none."""
        return None if login is None else self._key.seal(sealed_for(import_id), msgspec.json.encode(login))

    def open(self, import_id: str, sealed: bytes | None) -> Login | None:
        """Return what `seal` stored. Raises `CannotUnseal`."""
        if sealed is None:
            return None
        try:
            return msgspec.json.decode(self._key.unseal(sealed_for(import_id), sealed), type=Login)
        except msgspec.MsgspecError as error:
            raise CannotUnseal from error
