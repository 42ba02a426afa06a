# SPDX-License-Identifier: Apache-2.0
"""Policies that many want, to begin with; and the one rule that a new project has."""

from dataclasses import dataclass
from zlib import crc32

from sqlalchemy import Connection

from entrepot.features.retention.models import Effect
from entrepot.features.retention.models import Newest
from entrepot.features.retention.models import Rule
from entrepot.features.retention.models import Selection
from entrepot.features.retention.policies import Level
from entrepot.features.retention.policies import Policy
from entrepot.features.retention.policies import Scope
from entrepot.features.retention.policies import Terms
from entrepot.features.retention.store import policies
from entrepot.features.retention.telling import tell_policy
from entrepot.kernel.clock import Milliseconds

FOUNDER = "internal:retention"


@dataclass(frozen=True, slots=True)
class Preset:
    """Rules under a name, and for whom they are."""

    name: str
    title: str
    description: str
    rules: tuple[Rule, ...]


UNTAGGED = Rule(
    "untagged",
    Effect.DELETE_ARTIFACTS,
    Selection(is_tagged=False, unused_for_days=30),
    description="What has no tag and was not pulled for 30 days.",
)

PRESETS = (
    Preset(
        "releases",
        "Last 10 versions, all releases, 30 days untagged",
        "Keeps every tag that is a version, and the 10 tagged artifacts pushed last; other tagged ones go, and what "
        "has no tag once it was not pulled for 30 days.",
        (
            Rule("releases", Effect.KEEP, Selection(versions="*"), description="Every tag that is a version."),
            Rule(
                "newest",
                Effect.DELETE_ARTIFACTS,
                Selection(is_tagged=True, newest=Newest(10)),
                description="All tagged artifacts but the 10 pushed last.",
            ),
            UNTAGGED,
        ),
    ),
    Preset(
        "pull-requests",
        "Pull requests 7 days",
        "What was built for a pull request goes after 7 days, unless it has another tag.",
        (
            Rule(
                "pull-requests",
                Effect.DELETE_ARTIFACTS,
                Selection(tags=("pr-*", "pull-*", "mr-*"), older_than_days=7),
                description="Tags of pull and merge requests, 7 days after they were pushed.",
            ),
        ),
    ),
    Preset(
        "ci-cache",
        "CI cache 14 days",
        "Caches of builds go once nobody has used them for 14 days.",
        (
            Rule(
                "ci-cache",
                Effect.DELETE_ARTIFACTS,
                Selection(tags=("cache-*", "buildcache*", "*-cache"), unused_for_days=14),
                description="Tags of caches that nobody has used for 14 days.",
            ),
        ),
    ),
    Preset(
        "untagged",
        "30 days untagged",
        "What has no tag goes once it was not pulled for 30 days. A new project begins with this.",
        (UNTAGGED,),
    ),
)


def begin_with_one_rule(connection: Connection, project: str, now: Milliseconds) -> None:
    """Give a new project the rule that it can edit: once a night, each project at a minute of its own."""
    terms = Terms((UNTAGGED,), cron=f"{crc32(project.encode()) % 60} 3 * * *")
    policy = Policy(Scope(Level.PROJECT, project), terms, now, FOUNDER)
    policies.put(connection, policy)
    tell_policy(connection, None, policy, now)


def forget_retention(connection: Connection, project: str, now: Milliseconds) -> None:
    """Forget the policies of a project that is deleted: another one of its name inherits none."""
    for policy in policies.remove_project(connection, project):
        tell_policy(connection, policy, None, now)
