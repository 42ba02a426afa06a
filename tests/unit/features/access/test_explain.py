# SPDX-License-Identifier: Apache-2.0
"""Decisions in words."""

import asyncio

import pytest

from entrepot.features.access.explain import Explanations
from entrepot.kernel.access import ANONYMOUS
from entrepot.kernel.access import Action
from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.access import Scope
from entrepot.oci.reference import RepositoryName
from tests.builders.instance import Instance

pytestmark = pytest.mark.anyio

ALICE = Principal(PrincipalKind.USER, "alice")
ROOT = Principal(PrincipalKind.USER, "root")
NARROWED = Principal(PrincipalKind.USER, "alice", scopes=(Scope("team/app", frozenset({Action.PULL})),))
APP, OPEN, NIL = RepositoryName("team/app"), RepositoryName("open/app"), RepositoryName("nil/app")
GIVES = "an administrator of the project can give the role"


@pytest.fixture
def explanations(instance: Instance) -> Explanations:
    """An instance on which alice may write in one project, root may do everything, and one project is public."""
    instance.add_user("alice", "secret")
    instance.add_user("root", "secret", is_admin=True)
    instance.grant("user:alice", "team/**", "write")
    instance.grant("user:alice", "team/app", "read")
    instance.add_project("open", "public")
    return Explanations(instance.authorizer, instance.database)


@pytest.mark.parametrize(
    ("principal", "action", "repository", "because"),
    [
        (ALICE, Action.PUSH, APP, "alice has the role write on team/**"),
        (ROOT, Action.DELETE, APP, "root is an administrator of the registry"),
        (ALICE, Action.PULL, OPEN, "the project open is public"),
        (ANONYMOUS, Action.PULL, OPEN, "the project open is public"),
    ],
)
async def test_why_something_is_allowed(
    explanations: Explanations, principal: Principal, action: Action, repository: RepositoryName, because: str
) -> None:
    """The first grant that gives it, standing, or the project's visibility."""
    explained = await explanations.explain(principal, action, repository)

    assert (explained.is_allowed, explained.because) == (True, because)


@pytest.mark.parametrize(
    ("principal", "action", "repository", "because"),
    [
        (
            ALICE,
            Action.DELETE,
            APP,
            "alice has no grant for it: an administrator of the project can give the role admin",
        ),
        (ALICE, Action.PULL, NIL, f"alice has no grant for it, and the project nil is not public: {GIVES} read"),
        (ANONYMOUS, Action.PULL, NIL, "nobody is logged in, and the project nil is not public: log in"),
        (ANONYMOUS, Action.PUSH, OPEN, "nobody is logged in: log in"),
        (NARROWED, Action.PUSH, APP, "alice may, but the token in use does not cover it: fetch one with the scope"),
    ],
)
async def test_why_something_is_not_allowed(
    explanations: Explanations, principal: Principal, action: Action, repository: RepositoryName, because: str
) -> None:
    """What is missing, and the next step."""
    explained = await explanations.explain(principal, action, repository)

    assert (explained.is_allowed, explained.because) == (False, because)


@pytest.mark.parametrize("principal", [ALICE, ROOT, ANONYMOUS, Principal(PrincipalKind.USER, "unknown")])
async def test_explanations_agree_with_decisions(
    explanations: Explanations, instance: Instance, principal: Principal
) -> None:
    """Whoever asks, whatever for."""
    await asyncio.to_thread(instance.grant, "user:unknown", "**", "admin")
    for repository in (APP, OPEN, NIL):
        for action in Action:
            explained = await explanations.explain(principal, action, repository)
            assert explained.is_allowed is await instance.authorizer.allows(principal, action, repository)
