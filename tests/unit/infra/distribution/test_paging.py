# SPDX-License-Identifier: Apache-2.0
"""Lists page by page: nothing is lost or told twice, they can be taken up, and they end."""

import pytest

from entrepot.infra.distribution.errors import CatalogueMissing
from entrepot.infra.distribution.errors import ContentMissing
from entrepot.infra.distribution.errors import CopyingFailed
from entrepot.infra.distribution.errors import TooMuch
from entrepot.infra.distribution.paging import Listed
from entrepot.infra.distribution.paging import catalogue
from entrepot.infra.distribution.paging import pages
from entrepot.infra.distribution.paging import parse_names
from entrepot.infra.distribution.paging import tags_of
from entrepot.oci.reference import RepositoryName
from tests.builders.copying import Traveller
from tests.builders.manifests import an_image_manifest
from tests.unit.infra.distribution.conftest import Served

NAMES = [f"team/app-{number}" for number in range(7)]
IMAGE = an_image_manifest()

pytestmark = pytest.mark.anyio


async def names(traveller: Traveller, one: Served, listed: Listed, start: str = "", limit: int = 100) -> list[str]:
    """Return everything that is listed."""
    async with traveller.registries() as registries:
        session = await registries.session(one.url, "one")
        return [name async for page in pages(session, listed, start, limit) for name in page.names]


@pytest.fixture
def filled(one: Served) -> Served:
    """Have some repositories in a registry."""
    for name in NAMES:
        one.registry.has(name, IMAGE, "1.0", "2.0", "3.0")
    return one


@pytest.mark.parametrize("page_items", [1, 2, 3, 7, 100])
async def test_every_name_is_listed_once(traveller: Traveller, filled: Served, page_items: int) -> None:
    """However many there are on a page."""
    filled.habits.page_items = page_items

    assert await names(traveller, filled, catalogue()) == NAMES
    assert await names(traveller, filled, tags_of(RepositoryName(NAMES[0]))) == ["1.0", "2.0", "3.0"]


async def test_a_list_is_taken_up_where_it_was(traveller: Traveller, filled: Served) -> None:
    """At the place of the next page."""
    async with traveller.registries() as registries:
        session = await registries.session(filled.url, "one")
        first = [page async for page in pages(session, catalogue())][1]

    assert await names(traveller, filled, catalogue(), first.following) == NAMES[4:]


async def test_a_list_ends(traveller: Traveller, filled: Served) -> None:
    """Where pages come again, or there are too many."""
    with pytest.raises(TooMuch):
        await names(traveller, filled, catalogue(), limit=2)
    filled.habits.goes_in_circles = True
    with pytest.raises(CopyingFailed, match="circle"):
        await names(traveller, filled, catalogue())


async def test_what_is_not_listed_is_told_apart(traveller: Traveller, filled: Served) -> None:
    """A registry without a catalogue is another thing than a repository that is not there."""
    filled.habits.has_catalogue = False
    with pytest.raises(CatalogueMissing):
        await names(traveller, filled, catalogue())
    with pytest.raises(ContentMissing):
        await names(traveller, filled, tags_of(RepositoryName("no/such")), start="/v2/no/such/absent")


@pytest.mark.parametrize("body", [b'{"tags": 7}', b'{"tags": [7, "", null]}', b"{}"])
def test_what_is_no_name_is_left_out(body: bytes) -> None:
    """A registry may say anything."""
    assert parse_names(body, "tags") == ()


@pytest.mark.parametrize("body", [b"", b"[]", b"{"])
def test_what_is_no_object_is_refused(body: bytes) -> None:
    """Nothing is made of it."""
    with pytest.raises(CopyingFailed, match="cannot be read"):
        parse_names(body, "tags")
