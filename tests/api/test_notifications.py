# SPDX-License-Identifier: Apache-2.0
"""Notifications over the management API: who hears of what, and what they say about it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.changes import Change
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import HOUR_MS
from entrepot.registry.announcing import Told
from entrepot.registry.events import Outcome
from tests.builders.application import Application
from tests.builders.notifications import NOTIFICATIONS
from tests.builders.notifications import an_application_that_tells
from tests.builders.notifications import happens
from tests.builders.notifications import heard
from tests.builders.notifications import kinds_heard
from tests.builders.notifications import prefer
from tests.builders.notifications import quota_reached
from tests.builders.notifications import time_passes

pytestmark = pytest.mark.anyio


@pytest.fixture
def telling(tmp_path: Path) -> Iterator[Application]:
    """An application that sends no mail."""
    with an_application_that_tells(tmp_path) as application:
        yield application


async def test_administrators_of_a_project_hear_of_its_quota(telling: Application) -> None:
    """Who only reads it does not, nor does who administers the registry where the project has its own people."""
    ada = await telling.user("ada", ("team/**", "admin"))
    bob = await telling.user("bob", ("team/**", "read"))
    root = await telling.user("root", is_admin=True)

    await happens(telling, Change.QUOTA_REACHED, quota_reached())

    [found] = await heard(ada)
    assert found["text"] == "The quota of project team reached 80 %: 80 % used."
    assert (found["kind"], found["severity"], found["project"]) == ("quota.reached", "warning", "team")
    assert found["path"] == "/projects/team?tab=quota"
    assert await heard(bob) == await heard(root) == []


async def test_what_is_of_a_project_of_nobody_is_for_the_registry(telling: Application) -> None:
    """Somebody hears of it in any case; at the limit it is critical."""
    root = await telling.user("root", is_admin=True)

    await happens(telling, Change.QUOTA_REACHED, quota_reached(percent=100))

    assert [each["severity"] for each in await heard(root)] == ["critical"]


async def test_nobody_hears_of_a_project_that_they_no_longer_read(telling: Application) -> None:
    """What they heard of before is gone from the list and the count as well."""
    root = await telling.user("root", is_admin=True)
    ada = await telling.user("ada", ("team/**", "admin"))
    await happens(telling, Change.QUOTA_REACHED, quota_reached())
    assert (await ada.get(f"{NOTIFICATIONS}/unread")).json == {"unread": 1}

    grant = "principal=user:ada&path_pattern=team/**&role=admin"
    assert (await root.send("DELETE", f"/api/v1/grants?{grant}")).status == 204
    await time_passes(telling, HOUR_MS)

    assert await heard(ada) == []
    assert (await ada.get(f"{NOTIFICATIONS}/unread")).json == {"unread": 0}


async def test_a_flood_is_one_notification_with_a_count(telling: Application) -> None:
    """Within an hour it is counted; after that, or once it was read, it is told anew."""
    ada = await telling.user("ada", ("team/**", "admin"))
    for _ in range(30):
        await happens(telling, Change.QUOTA_REACHED, quota_reached())
    [found] = await heard(ada)
    assert found["count"] == 30
    assert found["text"].endswith("(30 times)")

    await time_passes(telling, HOUR_MS)
    await happens(telling, Change.QUOTA_REACHED, quota_reached())

    assert [each["count"] for each in await heard(ada)] == [1, 30]


async def test_what_was_read_is_noted(telling: Application) -> None:
    """By its id, or everything up to one."""
    ada = await telling.user("ada", ("team/**", "admin"), ("dev/**", "admin"))
    for project in ("team", "dev"):
        await happens(telling, Change.QUOTA_REACHED, quota_reached(project))
    newest, oldest = await heard(ada)

    left = await ada.post(f"{NOTIFICATIONS}:read", {"ids": [oldest["id"]]})

    assert left.json == {"unread": 1}
    assert [each["id"] for each in await heard(ada, "?unread=true")] == [newest["id"]]
    assert (await ada.post(f"{NOTIFICATIONS}:read", {"until": newest["id"]})).json == {"unread": 0}


async def test_a_list_has_pages(telling: Application) -> None:
    """Each begins where the one before ended."""
    names = [f"p{number}" for number in range(5)]
    ada = await telling.user("ada", *((f"{name}/**", "admin") for name in names))
    for name in names:
        await happens(telling, Change.QUOTA_REACHED, quota_reached(name))

    pages = await ada.pages(f"{NOTIFICATIONS}?limit=2")

    assert [[each["project"] for each in page] for page in pages] == [["p4", "p3"], ["p2", "p1"], ["p0"]]


async def test_what_is_muted_is_not_heard_of(telling: Application) -> None:
    """Until the moment that was named, or the mute is removed."""
    ada = await telling.user("ada", ("team/**", "admin"))
    made = await ada.post(f"{NOTIFICATIONS}/mutes", {"project": "team", "until": "2030-01-01T00:00:00Z"})
    assert made.status == 201, made.body
    await happens(telling, Change.QUOTA_REACHED, quota_reached())
    assert await heard(ada) == []

    assert (await ada.send("DELETE", f"{NOTIFICATIONS}/mutes/{made.json['id']}")).status == 204
    await time_passes(telling, DAY_MS)
    await happens(telling, Change.QUOTA_REACHED, quota_reached())

    assert await kinds_heard(ada) == ["quota.reached"]
    assert (await ada.get(f"{NOTIFICATIONS}/mutes")).json == {"items": []}


async def test_a_kind_can_be_left_out_or_asked_for(telling: Application) -> None:
    """Tags that go soon are told only to who wants to hear of them."""
    ada, bob = [await telling.user(name, ("team/**", "admin")) for name in ("ada", "bob")]
    await prefer(ada, kinds={"tag.expiring": "console", "quota.reached": "none"})
    tag = Told(object="tag:team/app:1", project="team", repository="team/app", after={"expires_at": 1_800_000_000_000})

    await happens(telling, Change.TAG_EXPIRING, tag)
    await happens(telling, Change.QUOTA_REACHED, quota_reached())

    assert await kinds_heard(ada) == ["tag.expiring"]
    assert await kinds_heard(bob) == ["quota.reached"]
    assert (await heard(ada))[0]["text"] == "The tag team/app:1 goes at 2027-01-15T08:00:00.000Z."


async def test_what_concerns_an_account_is_always_told(telling: Application) -> None:
    """Nobody who sits at an open browser can have it left out, or muted."""
    ada = await telling.user("ada")
    refused = await ada.send_json("PUT", f"{NOTIFICATIONS}/preferences", {"kinds": {"account.second-factor": "none"}})
    assert (refused.status, refused.json["code"]) == (400, "notification_kind_essential")
    muted = await ada.post(f"{NOTIFICATIONS}/mutes", {"kind": "account.second-factor"})
    assert muted.json["code"] == "notification_kind_essential"

    await happens(telling, Change.SECOND_FACTOR_REMOVED, Told(object="user:ada"))

    [found] = await heard(ada)
    assert found["text"] == "A second factor of your account was removed by entrepot, from this server."


async def test_only_failures_of_runs_webhooks_and_copies_are_told(telling: Application) -> None:
    """What went well is in the record, where who looks for it finds it."""
    ada = await telling.user("ada", ("team/**", "admin"))
    for outcome in (Outcome.DONE, Outcome.FAILED):
        for change, name in (
            (Change.RETENTION_RUN, "retention:project team"),
            (Change.WEBHOOK_PAUSED, "webhook:1"),
            (Change.COPY_ENDED, "copy:1"),
        ):
            told = Told(object=name, project="team", repository="team/app" if "copy" in name else "", outcome=outcome)
            await happens(telling, change, told)

    assert await kinds_heard(ada) == ["webhook.paused", "retention.failed"]


async def test_requests_and_decisions_about_them_are_told(telling: Application) -> None:
    """Who may decide hears of a request, but not who asked; who asked hears of the decision."""
    ada, bob = [await telling.user(name, ("team/**", "admin")) for name in ("ada", "bob")]
    after = {"state": "pending", "act": "project.delete", "target": "team", "requested_by": "user:ada"}
    by_ada, by_bob = _by("ada"), _by("bob")
    await happens(
        telling, Change.APPROVAL_REQUESTED, Told(object="approval:1", project="team", after=after, principal=by_ada)
    )
    given = after | {"state": "approved"}
    await happens(telling, Change.APPROVAL_GIVEN, Told(object="approval:1", after=given, principal=by_bob))

    assert [each["text"] for each in await heard(bob)] == ["ada asks for your approval: project.delete team."]
    assert [each["text"] for each in await heard(ada)] == ["bob approved what you asked for: project.delete team."]


async def test_robots_and_nobody_have_no_notifications(telling: Application) -> None:
    """They are for people."""
    assert (await telling.anonymous().get(NOTIFICATIONS)).status == 401


def _by(name: str) -> Principal:
    return Principal(PrincipalKind.USER, name)
