# SPDX-License-Identifier: Apache-2.0
"""The keys of a store, and the keys of objects under them."""

from dataclasses import replace

import pytest

from entrepot.infra.storage.interface import SealedKey
from entrepot.infra.storage.sealing import SealBroken
from entrepot.infra.storage.store_keys import StoreKeyMissing
from entrepot.infra.storage.store_keys import StoreKeys
from tests.fakes.recorded_storage import KEY
from tests.fakes.recorded_storage import OTHER_KEY


def made(keys: StoreKeys) -> SealedKey:
    """Make the key of an object."""
    sealed = keys.make()
    assert sealed is not None
    return sealed


def test_each_object_has_a_key_of_its_own() -> None:
    """Two objects share no key, and without an active key there is none."""
    keys = StoreKeys(KEY)
    one, other = made(keys), made(keys)

    with pytest.raises(SealBroken):
        keys.sealer(other).open(keys.sealer(one).seal(b"content", b""), b"")
    assert StoreKeys(None, [KEY]).make() is None


def test_a_rewrapped_key_opens_the_same_object() -> None:
    """Under another key of the store it is the same key, which the former is not needed for any more."""
    before = made(StoreKeys(OTHER_KEY))
    chunk = StoreKeys(OTHER_KEY).sealer(before).seal_chunk(b"content", 0)

    after = StoreKeys(KEY, [OTHER_KEY]).rewrap(before)

    assert after.key_id == KEY.id
    assert StoreKeys(KEY).sealer(after).open_chunk(chunk, 0) == b"content"
    assert StoreKeys(KEY).rewrap(after) is after
    assert StoreKeys(None, [OTHER_KEY]).rewrap(before) is before


def test_a_key_that_is_not_here_is_named() -> None:
    """What another key sealed tells which one; what was changed is told as that."""
    sealed = made(StoreKeys(OTHER_KEY))

    with pytest.raises(StoreKeyMissing, match=OTHER_KEY.id):
        StoreKeys(KEY).sealer(sealed)
    with pytest.raises(SealBroken, match=KEY.id):
        StoreKeys(KEY).sealer(replace(sealed, key_id=KEY.id))
