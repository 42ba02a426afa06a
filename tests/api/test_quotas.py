# SPDX-License-Identifier: Apache-2.0
"""Quotas: what they refuse on `/v2`, in which words, what counts, and who may set and see them."""

import pytest

from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.manifests import A_CONFIG
from tests.builders.quotas import KB
from tests.builders.quotas import an_image
from tests.builders.quotas import path_of
from tests.builders.quotas import push_blob
from tests.builders.quotas import put_manifest
from tests.builders.quotas import refusal
from tests.builders.quotas import set_quota
from tests.builders.quotas import try_push

APP = "team/app"
ONE, TWO, THREE = (an_image(name) for name in ("one", "two", "three"))

pytestmark = pytest.mark.anyio


@pytest.fixture
async def root(application: Application) -> Client:
    """An administrator, once there is a project."""
    return await application.user("root", is_admin=True)


@pytest.fixture
async def owner(application: Application, alice: Client) -> Client:
    """The administrator of a project with one image."""
    assert (await try_push(alice, APP, ONE)).status == 201
    await application.settle()
    return alice


async def used(client: Client, project: str = "team") -> dict[str, int]:
    """Return what a project uses."""
    found: dict[str, int] = (await client.get(path_of(project))).json["used"]
    return found


async def test_what_is_there_counts_once(application: Application, owner: Client) -> None:
    """Blobs count once in a project, manifests in each repository."""
    before = await used(owner)
    assert (await try_push(owner, "team/copy", ONE)).status == 201
    await application.settle()

    assert before == {"bytes": ONE.size + len(A_CONFIG), "artifacts": 1, "repositories": 1, "tags": 1}
    more = len(ONE.built.payload)
    assert await used(owner) == {"bytes": before["bytes"] + more, "artifacts": 2, "repositories": 2, "tags": 2}


async def test_what_does_not_fit_is_refused(owner: Client, root: Client) -> None:
    """As the upload ends, before the manifest would be kept; the refusal tells all there is to know."""
    await set_quota(root, bytes=150 * KB)

    said = refusal(await try_push(owner, APP, TWO))
    assert said == (
        f"quota of project team: 100.6 kB of 150 kB are used, and this needs 100 kB more; delete something, or ask the "
        f"administrators of the project team or of the registry"
    )
    assert len(said) <= 500
    assert (await try_push(owner, APP, ONE, "again")).status == 201
