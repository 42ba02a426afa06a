# SPDX-License-Identifier: Apache-2.0
"""The keys of what another registry wrote, and of copies of it."""

import hypothesis.strategies as st
import pytest
from hypothesis import given

from entrepot.infra.storage.adopted import adopted_key
from entrepot.infra.storage.adopted import is_adopted
from entrepot.infra.storage.adopted import is_copy
from entrepot.infra.storage.adopted import original_key
from entrepot.infra.storage.adopted import own_key
from entrepot.infra.storage.interface import ObjectKey
from entrepot.infra.storage.interface import object_key
from entrepot.oci.digest import digest_of

DIGESTS = st.builds(digest_of, st.binary(max_size=4), st.sampled_from(["sha256", "sha512"]))
TREE = "docker/registry/v2/blobs/sha256"


@given(DIGESTS, DIGESTS)
def test_each_copy_has_a_key_of_its_own(one: str, other: str) -> None:
    """It tells of what it is a copy."""
    first, second = adopted_key(one), adopted_key(other)  # type: ignore[arg-type]

    assert is_adopted(first)
    assert not is_adopted(own_key(first))
    assert original_key(own_key(first)) == first
    assert (own_key(first) == own_key(second)) == (one == other)
    assert is_copy(own_key(first).rpartition("/")[2])


def test_other_keys_stay_as_they_are() -> None:
    """Those of Entrepot's own objects."""
    key = object_key()

    assert (own_key(key), original_key(key), is_adopted(key)) == (key, key, False)


@pytest.mark.parametrize(
    "key",
    [
        f"{TREE}/ab/{'a' * 64}/data",
        f"{TREE}/aa/{'a' * 63}/data",
        f"{TREE}/aa/{'a' * 64}/link",
        f"{TREE}/aa/{'A' * 64}/data",
        f"{TREE}/aa/{'a' * 64}/data/",
        f"{TREE}/../{'a' * 64}/data",
        f"/{TREE}/aa/{'a' * 64}/data",
        "docker/registry/v2/repositories/team/_layers/sha256/x/link",
    ],
)
def test_other_files_of_a_tree_are_no_objects(key: str) -> None:
    """Only what has the form of a blob's key is one."""
    assert not is_adopted(ObjectKey(key))
