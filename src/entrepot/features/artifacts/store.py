# SPDX-License-Identifier: Apache-2.0
"""Every SQL statement about facts."""

from collections.abc import Mapping
from collections.abc import Sequence
from types import MappingProxyType

import msgspec
from sqlalchemy import BigInteger
from sqlalchemy import Connection
from sqlalchemy import Select
from sqlalchemy import bindparam
from sqlalchemy import select

from entrepot.features.artifacts.models import ArtifactFacts
from entrepot.features.artifacts.models import ArtifactType
from entrepot.features.artifacts.models import Summary
from entrepot.features.artifacts.tables import IS_EXPIRING
from entrepot.features.artifacts.tables import artifact_facts
from entrepot.features.artifacts.tables import artifact_rules
from entrepot.infra.database.among import Among
from entrepot.infra.database.upsert import dialect_insert
from entrepot.infra.database.upsert import insert_if_absent
from entrepot.kernel.clock import Milliseconds
from entrepot.oci.descriptor import Platform
from entrepot.oci.digest import Digest
from entrepot.registry.store.repositories import RepositoryId
from entrepot.registry.tables import manifests

DIGESTS_PER_STATEMENT = 5_000

_FACTS = select(artifact_facts.c.facts).where(artifact_facts.c.digest == bindparam("digest"))

_CAUGHT_UP = select(artifact_rules.c.version).where(artifact_rules.c.version >= bindparam("rules_version")).limit(1)

_TYPES = select(artifact_facts.c.digest, artifact_facts.c.type).where(
    Among(artifact_facts.c.digest, "digests"),
    artifact_facts.c.rules_version >= bindparam("rules_version"),
)

_SUMMARIES = select(artifact_facts.c.digest, artifact_facts.c.type, artifact_facts.c.facts).where(
    Among(artifact_facts.c.digest, "digests")
)

_TRAITS = select(artifact_facts.c.digest, artifact_facts.c.facts).where(Among(artifact_facts.c.digest, "digests"))

_EXPIRING = (
    select(manifests.c.repo_id)
    .distinct()
    .join(artifact_facts, artifact_facts.c.digest == manifests.c.digest)
    .where(
        IS_EXPIRING,
        manifests.c.deleted_at.is_(None),
        manifests.c.pushed_at + artifact_facts.c.expires_after <= bindparam("until", type_=BigInteger),
    )
)

_OF_TYPE: Mapping[ArtifactType, Select[tuple[str]]] = MappingProxyType(
    {each: select(artifact_facts.c.digest).where(artifact_facts.c.type == each.value) for each in ArtifactType}
)


class _Brief(msgspec.Struct):
    """Of facts, what a list shows."""

    platforms: tuple[Platform, ...] = ()
    total_size: int = 0


class Traits(msgspec.Struct, frozen=True):
    """Of facts, what rules about artifacts go by; the size is that of everything that a client fetches."""

    type: ArtifactType
    total_size: int = 0
    labels: dict[str, str] = {}
    expires_after: int | None = None


def has_caught_up(connection: Connection, rules_version: int) -> bool:
    """Tell whether facts by rules of that version or a later one were asked for of all that was there before."""
    return connection.execute(_CAUGHT_UP, {"rules_version": rules_version}).first() is not None


def note_caught_up(connection: Connection, rules_version: int, now: Milliseconds) -> None:
    """Remember that they were asked for."""
    insert_if_absent(connection, artifact_rules, {"version": rules_version, "caught_up_at": now})


def known_by(rules_version: int) -> Select[tuple[str]]:
    """Return a statement that selects the digests whose facts were derived by rules of that version or a later one."""
    return select(artifact_facts.c.digest).where(artifact_facts.c.rules_version >= rules_version)


def find(connection: Connection, digest: Digest) -> ArtifactFacts | None:
    """Return the facts about a manifest, by whichever rules they were derived."""
    text = connection.execute(_FACTS, {"digest": digest}).scalar()
    return None if text is None else msgspec.json.decode(text, type=ArtifactFacts)


def types(
    connection: Connection, digests: Sequence[Digest], *, since_rules_version: int = 0
) -> dict[Digest, ArtifactType]:
    """Return the types of those of `digests` whose facts were derived by rules of that version or a later one."""
    found: dict[Digest, ArtifactType] = {}
    for start in range(0, len(digests), DIGESTS_PER_STATEMENT):
        some = list(digests[start : start + DIGESTS_PER_STATEMENT])
        rows = connection.execute(_TYPES, {"digests": some, "rules_version": since_rules_version})
        found.update({row.digest: ArtifactType(row.type) for row in rows})
    return found


def summaries(connection: Connection, digests: Sequence[Digest]) -> dict[Digest, Summary]:
    """Return what is known of those of `digests` whose facts were derived; of an index no size."""
    found: dict[Digest, Summary] = {}
    for start in range(0, len(digests), DIGESTS_PER_STATEMENT):
        some = list(digests[start : start + DIGESTS_PER_STATEMENT])
        for row in connection.execute(_SUMMARIES, {"digests": some}):
            brief = msgspec.json.decode(row.facts, type=_Brief)
            platforms = tuple(dict.fromkeys(map(str, brief.platforms)))
            found[row.digest] = Summary(ArtifactType(row.type), platforms, brief.total_size or None)
    return found


def traits(connection: Connection, digests: Sequence[Digest]) -> dict[Digest, Traits]:
    """Return what rules go by of those of the artifacts of which something is known."""
    found: dict[Digest, Traits] = {}
    for start in range(0, len(digests), DIGESTS_PER_STATEMENT):
        some = list(digests[start : start + DIGESTS_PER_STATEMENT])
        rows = connection.execute(_TRAITS, {"digests": some})
        found.update((digest, msgspec.json.decode(facts, type=Traits)) for digest, facts in rows)
    return found


def repositories_expiring(connection: Connection, until: Milliseconds) -> list[RepositoryId]:
    """Return the repositories that hold an artifact a tag on which may have to go until then, as it says itself."""
    return list(connection.execute(_EXPIRING, {"until": until}).scalars())


def of_type(artifact_type: ArtifactType) -> Select[tuple[str]]:
    """Return a statement that selects the digests whose facts say that they are of this type."""
    return _OF_TYPE[artifact_type]


def put(
    connection: Connection, facts: Mapping[Digest, ArtifactFacts], *, rules_version: int, now: Milliseconds
) -> None:
    """Store facts by digest, in place of what older rules said; what newer rules said stays."""
    rows = [
        {
            "digest": digest,
            "type": each.type.value,
            "facts": msgspec.json.encode(each).decode(),
            "rules_version": rules_version,
            "derived_at": now,
            "expires_after": each.expires_after,
        }
        for digest, each in sorted(facts.items())
    ]
    if not rows:
        return
    insert = dialect_insert(connection, artifact_facts)
    given = insert.excluded
    statement = insert.on_conflict_do_update(
        index_elements=["digest"],
        set_={name: given[name] for name in rows[0] if name != "digest"},
        where=artifact_facts.c.rules_version <= given.rules_version,
    )
    connection.execute(statement, rows)
