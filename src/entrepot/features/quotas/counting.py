# SPDX-License-Identifier: Apache-2.0
"""Counting: what was touched is looked at as it is now, and counted if it counts and was not, or the other way round.

So it does not matter how often something is looked at, or in which order: what is counted comes to what is there.
"""

from collections import defaultdict
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field

from sqlalchemy import Connection

from entrepot.features.quotas.models import Kind
from entrepot.features.quotas.models import Subject
from entrepot.features.quotas.models import is_project
from entrepot.features.quotas.store import checks
from entrepot.features.quotas.store import counted
from entrepot.features.quotas.store import limits
from entrepot.features.quotas.store import truth
from entrepot.features.quotas.store.counted import NOWHERE
from entrepot.features.quotas.store.counted import Counted
from entrepot.features.quotas.store.truth import Artifact
from entrepot.features.quotas.store.truth import Place
from entrepot.features.quotas.store.truth import Room
from entrepot.kernel.clock import Milliseconds

Named = tuple[str, str]
"""A repository by its name, and a digest or a tag in it."""


@dataclass(slots=True)
class Touched:
    """What may count otherwise than it did, by the names of repositories."""

    projects: set[str] = field(default_factory=set)
    """Those whose repositories are all touched."""
    repositories: set[str] = field(default_factory=set)
    manifests: set[Named] = field(default_factory=set)
    tags: set[Named] = field(default_factory=set)
    blobs: set[Named] = field(default_factory=set)
    """Blobs that came late: what holds them is touched."""


@dataclass(slots=True)
class Difference:
    """Rows that are to be added and removed, and who held artifacts that are gone without a trace of their blobs."""

    wanted: set[Counted] = field(default_factory=set)
    unwanted: set[Counted] = field(default_factory=set)
    lost: set[Subject] = field(default_factory=set)

    def compare(self, there: Iterable[Counted], known: Iterable[Counted]) -> None:
        """Add what has to be changed in `known` so that it is what is there."""
        now, before = set(there), set(known)
        self.wanted |= now - before
        self.unwanted |= before - now


@dataclass(frozen=True, slots=True)
class Recounted:
    """Whose sums are others by it, and whose blobs have to be looked through as a whole."""

    changed: set[Subject]
    lost: set[Subject]


@dataclass(frozen=True, slots=True)
class Places:
    """What is looked at, by the ids of repositories."""

    rooms: Mapping[int, Room]
    artifacts: Collection[Place] = ()
    tags: Collection[Place] = ()


def recount(connection: Connection, touched: Touched, now: Milliseconds) -> Recounted:
    """Count what was touched."""
    checks.lock(connection)
    names = {name for name, _ in (*touched.manifests, *touched.tags, *touched.blobs)} | touched.repositories
    rooms = truth.rooms_named(connection, names) | truth.rooms_in(connection, touched.projects)

    def places(named: Iterable[Named]) -> set[Place]:
        """Return those whose repository is there."""
        return {(rooms[name].repo_id, key) for name, key in named if name in rooms}

    holders = truth.holders_of(connection, places(touched.blobs))
    by_id = {room.repo_id: room for room in rooms.values()}
    return settle(connection, Places(by_id, places(touched.manifests) | holders, places(touched.tags)), now)


def settle(connection: Connection, places: Places, now: Milliseconds) -> Recounted:
    """Count what is in these places. The caller has the lock of counting."""
    found = differences(connection, places)
    changed = counted.change(connection, found.wanted, found.unwanted, now)
    pairs = {(row.subject, row.repo_id) for row in found.wanted | found.unwanted if row.kind is Kind.ARTIFACT}
    of_people = rooms_of_people(connection, pairs)
    return Recounted(changed | counted.change(connection, of_people.wanted, of_people.unwanted, now), found.lost)


def differences(connection: Connection, places: Places) -> Difference:
    """Compare what is counted with what is there, but for the repositories of people, which follow from the rest."""
    accounts = limits.accounts(connection)
    found = Difference()
    _compare_rooms(connection, places.rooms, found)
    _compare_tags(connection, places, accounts, found)
    _compare_artifacts(connection, places, accounts, found)
    return found


def verify_blobs(connection: Connection, subject: Subject, digests: Collection[str]) -> Difference:
    """Compare the blobs that count for a subject with those that its artifacts hold, among some."""
    found = Difference()
    in_use = truth.used_by(connection, subject, digests) if _is_counted(connection, subject) else {}
    there = [Counted(Kind.BLOB, NOWHERE, digest, subject, size) for digest, size in in_use.items()]
    found.compare(there, counted.blobs_of(connection, subject, digests))
    return found


def _is_counted(connection: Connection, subject: Subject) -> bool:
    return is_project(subject) or subject in limits.accounts(connection)


def _compare_rooms(connection: Connection, rooms: Mapping[int, Room], found: Difference) -> None:
    there = [Counted(Kind.REPOSITORY, room.repo_id, "", room.project) for room in rooms.values() if room.is_visible]
    projects = {room.project for room in rooms.values()}
    known = counted.at(connection, Kind.REPOSITORY, [(repo_id, "") for repo_id in rooms])
    found.compare(there, [row for row in known if row.subject in projects])


def _compare_tags(connection: Connection, places: Places, accounts: set[Subject], found: Difference) -> None:
    there = [
        Counted(Kind.TAG, repo_id, name, subject)
        for (repo_id, name), owner in truth.tags_set(connection, places.tags).items()
        for subject in _subjects(places.rooms[repo_id], owner, accounts)
    ]
    found.compare(there, counted.at(connection, Kind.TAG, places.tags))


def _compare_artifacts(connection: Connection, places: Places, accounts: set[Subject], found: Difference) -> None:
    artifacts = truth.artifacts(connection, places.artifacts)
    known = counted.at(connection, Kind.ARTIFACT, places.artifacts)
    there = [
        Counted(Kind.ARTIFACT, *each.place, subject, each.size)
        for each in artifacts.values()
        if each.is_live
        for subject in _subjects(places.rooms[each.place[0]], each.owner, accounts)
    ]
    found.compare(there, known)
    found.lost |= {row.subject for row in known if (row.repo_id, row.key) not in artifacts}
    _compare_blobs(connection, artifacts, (there, known), found)


def _compare_blobs(
    connection: Connection,
    artifacts: Mapping[Place, Artifact],
    rows: tuple[Collection[Counted], Collection[Counted]],
    found: Difference,
) -> None:
    """Compare the blobs of artifacts: one that is live holds its own; of others, somebody else may hold them."""
    there, known = rows
    now, before = _by_place(there), _by_place(known)
    in_use: defaultdict[Subject, dict[str, int]] = defaultdict(dict)
    in_question: defaultdict[Subject, set[str]] = defaultdict(set)
    for held in truth.held_by(connection, artifacts):
        for subject in now[held.artifact]:
            in_use[subject][held.digest] = held.size
        for subject in before[held.artifact] - now[held.artifact]:
            in_question[subject].add(held.digest)
    for subject in in_use.keys() | in_question.keys():
        open_questions = in_question[subject] - in_use[subject].keys()
        used = in_use[subject] | truth.used_by(connection, subject, open_questions)
        looked_at = in_use[subject].keys() | in_question[subject]
        rightly = [Counted(Kind.BLOB, NOWHERE, digest, subject, size) for digest, size in used.items()]
        found.compare(rightly, counted.blobs_of(connection, subject, looked_at))


def rooms_of_people(connection: Connection, pairs: Collection[tuple[Subject, int]]) -> Difference:
    """Compare the repositories that count for somebody with those in which artifacts of theirs do."""
    found = Difference()
    by_subject: defaultdict[Subject, set[int]] = defaultdict(set)
    for subject, repo_id in pairs:
        if not is_project(subject):
            by_subject[subject].add(repo_id)
    for subject, ids in by_subject.items():
        holding = counted.rooms_with_artifacts(connection, subject, ids)
        there = [Counted(Kind.REPOSITORY, repo_id, "", subject) for repo_id in holding]
        known = counted.at(connection, Kind.REPOSITORY, [(repo_id, "") for repo_id in ids])
        found.compare(there, [row for row in known if row.subject == subject])
    return found


def _subjects(room: Room, owner: Subject, accounts: set[Subject]) -> tuple[Subject, ...]:
    """Return for whom something counts: its project, and whose it is if that is somebody with a quota."""
    return (room.project, owner) if owner in accounts else (room.project,)


def _by_place(rows: Iterable[Counted]) -> defaultdict[Place, set[Subject]]:
    found: defaultdict[Place, set[Subject]] = defaultdict(set)
    for row in rows:
        found[row.repo_id, row.key].add(row.subject)
    return found
