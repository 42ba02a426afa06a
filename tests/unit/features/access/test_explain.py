# SPDX-License-Identifier: Apache-2.0
"""Decisions in words."""

import asyncio
import shlex

import pytest

from entrepot.features.access.explain import Explanations
from entrepot.features.access.explain import Question
from entrepot.kernel.access import ANONYMOUS
from entrepot.kernel.access import Action
from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.access import Scope
from entrepot.oci.reference import RepositoryName
from entrepot.registry.rights import Rights
from tests.builders.instance import Instance
from tests.builders.objections import objections_of
from tests.interop.core_alone import EverybodyIsKnown

pytestmark = pytest.mark.anyio

ALICE = Principal(PrincipalKind.USER, "alice")
CAROL = Principal(PrincipalKind.USER, "carol")
GONE = Principal(PrincipalKind.USER, "gone")
ROOT = Principal(PrincipalKind.USER, "root")
NARROWED = Principal(PrincipalKind.USER, "alice", scopes=(Scope("team/app", frozenset({Action.PULL})),))
APP, OPEN, NIL = RepositoryName("team/app"), RepositoryName("open/app"), RepositoryName("nil/app")
INSIDE, BUILT, PART = RepositoryName("inside/app"), RepositoryName("group/app"), RepositoryName("part/app")
STAFF, WORLD = RepositoryName("staff/app"), RepositoryName("world/app")
GIVES = "an administrator of the project can give the role"


@pytest.fixture
def explanations(instance: Instance) -> Explanations:
    """An instance on which alice may write in one project, root may do everything, and one project is public."""
    instance.add_user("alice", "secret")
    instance.add_user("root", "secret", is_admin=True)
    instance.grant("user:alice", "team/**", "write")
    instance.grant("user:alice", "team/app", "read")
    instance.grant("user:alice", "part/**", "maintain", "v*")
    instance.grant("group:developers", "group/**", "build")
    instance.grant("everyone:everyone", "staff/**", "read")
    instance.grant("anonymous:anonymous", "world/app", "view")
    instance.grant("user:gone", "open/**", "admin")
    instance.add_group("developers", "group:people")
    instance.add_group("people", "user:alice")
    instance.add_role("build", Action.PUSH)
    instance.add_user("carol", "secret")
    instance.grant("user:carol", "SYSTEM", "auditor")
    instance.add_user("gone", "secret")
    instance.change_user("gone", disabled_at=1)
    instance.add_project("open", "public")
    instance.add_project("inside", "internal")
    rights = Rights(EverybodyIsKnown(), instance.authorizer)
    return Explanations(
        instance.database, rights, instance.authorizer, instance.visibility, instance.clock, objections_of(instance)
    )


@pytest.mark.parametrize(
    ("principal", "action", "repository", "because"),
    [
        (ALICE, Action.PUSH, APP, "alice has the role write on team/**"),
        (ROOT, Action.DELETE, APP, "root is an administrator of the registry"),
        (ALICE, Action.PULL, OPEN, "the project open is public"),
        (ANONYMOUS, Action.PULL, OPEN, "the project open is public"),
        (GONE, Action.PULL, OPEN, "the project open is public"),
        (ALICE, Action.PULL, INSIDE, "the project inside is internal"),
        (ALICE, Action.PUSH, BUILT, "alice has the role build on group/**, in the group developers"),
        (ALICE, Action.PULL, STAFF, "everyone who is logged in has the role read on staff/**"),
        (ALICE, Action.READ, WORLD, "everybody has the role view on world/app"),
        (ANONYMOUS, Action.READ, WORLD, "everybody has the role view on world/app"),
        (CAROL, Action.PULL, NIL, "carol has the role auditor on SYSTEM"),
        (ALICE, Action.SCAN, PART, "alice has the role maintain on part/** for the tags v*"),
    ],
)
async def test_why_something_is_allowed(
    explanations: Explanations, principal: Principal, action: Action, repository: RepositoryName, because: str
) -> None:
    """The first grant that gives it and by whom it is held, or the project's visibility."""
    explained = await explanations.explain(principal, Question(action, repository))

    assert (explained.is_allowed, explained.because) == (True, because)


@pytest.mark.parametrize(
    ("principal", "action", "repository", "because"),
    [
        (
            ALICE,
            Action.DELETE,
            APP,
            "alice has no grant for it: an administrator of the project can give the role maintain",
        ),
        (ALICE, Action.PULL, NIL, f"alice has no grant for it, and the project nil is not public: {GIVES} read"),
        (ANONYMOUS, Action.PULL, NIL, "nobody is logged in, and the project nil is not public: log in"),
        (ANONYMOUS, Action.PUSH, OPEN, "nobody is logged in: log in"),
        (ANONYMOUS, Action.PULL, INSIDE, "nobody is logged in, and the project inside is not public: log in"),
        (GONE, Action.PUSH, OPEN, "there is no user gone, or it is disabled"),
        (ALICE, Action.PUSH, STAFF, f"alice has no grant for it: {GIVES} write"),
        (ALICE, Action.READ, NIL, f"alice has no grant for it, and the project nil is not public: {GIVES} view"),
        (ALICE, Action.DELETE, PART, f"alice has no grant for it: {GIVES} maintain"),
        (ALICE, Action.MANAGE_MEMBERS, PART, f"alice has no grant for it: {GIVES} admin"),
        (NARROWED, Action.PUSH, APP, "alice may, but the token in use does not cover it: fetch one with the scope"),
    ],
)
async def test_why_something_is_not_allowed(
    explanations: Explanations, principal: Principal, action: Action, repository: RepositoryName, because: str
) -> None:
    """What is missing, and the next step."""
    explained = await explanations.explain(principal, Question(action, repository))

    assert (explained.is_allowed, explained.because) == (False, because)


@pytest.mark.parametrize("tag", ["v1", "latest"])
async def test_a_grant_for_some_tags_is_the_reason_for_these(explanations: Explanations, tag: str) -> None:
    """For another tag the fix names the tag, so that it allows no more."""
    explained = await explanations.explain(ALICE, Question(Action.DELETE, PART, tag))

    assert explained.is_allowed is (tag == "v1")
    assert [each.tag_pattern for each in explained.grants] == ([] if tag == "latest" else ["v*"])
    assert explained.fix == ("" if tag == "v1" else "entrepot grant create user:alice part/app:latest maintain")


async def test_what_a_disabled_account_was_granted_is_no_reason(explanations: Explanations) -> None:
    """Where it may do what everybody may, none of its own grants is shown as if it counted."""
    explained = await explanations.explain(ROOT, Question(Action.PULL, OPEN), GONE)

    assert (explained.is_allowed, explained.grants) == (True, [])


@pytest.mark.parametrize(
    ("name", "argument"), [("anonymous", "user:anonymous"), ("everyone", "user:everyone"), ("x", "user:x")]
)
async def test_the_fix_names_one_user(explanations: Explanations, instance: Instance, name: str, argument: str) -> None:
    """Even one who is called as those are who are many."""
    await asyncio.to_thread(instance.add_user, name, "secret")

    explained = await explanations.explain(ROOT, Question(Action.PULL, NIL), Principal(PrincipalKind.USER, name))

    assert explained.fix == f"entrepot grant create {argument} nil/app read"


async def test_the_fix_can_be_pasted_into_a_shell(explanations: Explanations) -> None:
    """Workloads are called as others please."""
    asked = Principal(PrincipalKind.WORKLOAD, "a; rm -rf $HOME 'b")

    explained = await explanations.explain(ROOT, Question(Action.PULL, NIL), asked)

    assert shlex.split(explained.fix) == ["entrepot", "grant", "create", asked.identity, "nil/app", "read"]
    assert ";" not in shlex.split(explained.fix)


@pytest.mark.parametrize("principal", [ALICE, CAROL, GONE, ROOT, ANONYMOUS, Principal(PrincipalKind.USER, "unknown")])
async def test_explanations_agree_with_decisions(
    explanations: Explanations, instance: Instance, principal: Principal
) -> None:
    """Whoever asks, whatever for."""
    await asyncio.to_thread(instance.grant, "user:unknown", "**", "admin")
    for repository in (APP, OPEN, NIL, INSIDE, BUILT, STAFF, WORLD, PART):
        for action in Action:
            explained = await explanations.explain(principal, Question(action, repository))
            assert explained.is_allowed is await instance.authorizer.allows(principal, action, repository)
