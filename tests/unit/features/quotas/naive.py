# SPDX-License-Identifier: Apache-2.0
"""What is used, counted in the plainest way: every row is looked at, and sets are added up."""

from collections import defaultdict
from dataclasses import dataclass
from dataclasses import field

from sqlalchemy import Connection
from sqlalchemy import select

from entrepot.features.quotas.models import Amounts
from entrepot.features.quotas.models import Subject
from entrepot.features.quotas.tables import quota_totals
from entrepot.registry.tables import blobs
from entrepot.registry.tables import manifest_blobs
from entrepot.registry.tables import manifests
from entrepot.registry.tables import repositories
from entrepot.registry.tables import tags


@dataclass
class _Found:
    blobs: set[str] = field(default_factory=set)
    manifests: dict[tuple[int, str], int] = field(default_factory=dict)
    repositories: set[int] = field(default_factory=set)
    tags: set[tuple[int, str]] = field(default_factory=set)


def used(connection: Connection, people: set[str]) -> dict[Subject, Amounts]:
    """Return what projects use, and those people; whoever uses nothing is left out."""
    found: defaultdict[str, _Found] = defaultdict(_Found)
    sizes = {row.digest: row.size for row in connection.execute(select(blobs.c.digest, blobs.c.size))}
    projects = {}
    for row in connection.execute(select(repositories)):
        projects[row.id] = f"project:{row.namespace}"
        if row.visible_at is not None:
            found[projects[row.id]].repositories.add(row.id)
    held = defaultdict(set)
    for row in connection.execute(select(manifest_blobs).where(manifest_blobs.c.link.is_not(None))):
        held[row.repo_id, row.manifest].add(row.link)
    for row in connection.execute(select(manifests).where(manifests.c.deleted_at.is_(None))):
        for subject in {projects[row.repo_id], row.pushed_by}:
            found[subject].manifests[row.repo_id, row.digest] = row.size
            found[subject].blobs |= held[row.repo_id, row.digest]
        found[row.pushed_by].repositories.add(row.repo_id)
    for row in connection.execute(select(tags).where(tags.c.digest.is_not(None))):
        for subject in {projects[row.repo_id], row.updated_by}:
            found[subject].tags.add((row.repo_id, row.name))
    amounts = {
        Subject(subject): Amounts(
            sum(sizes[digest] for digest in each.blobs) + sum(each.manifests.values()),
            len(each.manifests),
            len(each.repositories),
            len(each.tags),
        )
        for subject, each in found.items()
        if subject in people or subject.startswith("project:")
    }
    return {subject: each for subject, each in amounts.items() if each != Amounts()}


def counted(connection: Connection) -> dict[Subject, Amounts]:
    """Return what was counted, but for those for whom nothing is."""
    rows = {row.subject: Amounts(*row[1:5]) for row in connection.execute(select(quota_totals))}
    return {subject: each for subject, each in rows.items() if each != Amounts()}
