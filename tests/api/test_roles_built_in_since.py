# SPDX-License-Identifier: Apache-2.0
"""A role that somebody made, and that this version builds in under the same name."""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from entrepot.features.roles import store
from entrepot.features.roles.models import KnownRole
from entrepot.kernel.clock import Milliseconds
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.application import an_application
from tests.builders.manifests import an_image_manifest

ROLES = "/api/v1/roles"
GRANTS = "/api/v1/grants"
MADE = KnownRole("witness", "Watches", ("pull",), Milliseconds(0), "user:admin")

pytestmark = pytest.mark.anyio


@pytest.fixture
def before(tmp_path: Path) -> Iterator[Application]:
    """An application, in whose place another one starts."""
    with an_application(tmp_path) as application:
        yield application


@pytest.fixture
async def root(before: Application) -> Client:
    """An administrator of both."""
    await before.database.write(store.add, MADE)
    return await before.user("root", is_admin=True)


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    """What to close at the end."""
    with ExitStack() as stack:
        yield stack


async def test_it_goes_on_under_another_name(
    before: Application, root: Client, stack: ExitStack, tmp_path: Path
) -> None:
    """Whoever has it keeps it; the record says so, and it can be taken away, changed and deleted as any other."""
    bob = await before.user("bob", ("team/**", "witness"))
    await before.user("carol", ("SYSTEM", "witness"))

    after = await asyncio.to_thread(stack.enter_context, an_application(tmp_path))
    bob, root = Client(after.server, bob.headers), Client(after.server, root.headers)

    assert (await bob.get("/api/v1/access?action=pull&repository=team/app")).json["allowed"] is True
    held = {each["principal"]: each["role"] for each in (await root.get(GRANTS)).json["items"]}
    assert (held["user:bob"], held["user:carol"]) == ("witness-custom", "witness")
    listed = [each["name"] for page in await root.pages(f"{ROLES}?limit=2") for each in page]
    assert (listed.count("witness"), listed[-1]) == (1, "witness-custom")
    assert (await root.send("DELETE", f"{GRANTS}?principal=bob&path_pattern=team/**&role=witness-custom")).status == 204
    assert (await root.send("DELETE", f"{ROLES}/witness-custom")).status == 204
    [told] = [event for event in await after.events() if event.type == "role.changed"]
    assert (told.object, told.after["name"], told.principal) == ("role:witness", "witness-custom", "internal:entrepot")


async def test_the_built_in_one_gives_no_more_than_it_does(before: Application, root: Client) -> None:
    """Even while the other one has its name, until an older process has stopped."""
    await root.push_image("team/app", an_image_manifest(), "1.0")
    carol = await before.user("carol", ("SYSTEM", "witness"))

    assert (await carol.get("/v2/team/app/manifests/1.0")).status == 404
