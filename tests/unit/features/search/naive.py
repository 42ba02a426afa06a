# SPDX-License-Identifier: Apache-2.0
"""What queries mean, said plainly: each term is asked of each artifact, in Python. And artifacts to ask it of."""

import random
from dataclasses import dataclass
from fnmatch import fnmatchcase

from sqlalchemy import Connection
from sqlalchemy import insert

from entrepot.features.artifacts import ArtifactType
from entrepot.features.artifacts import Described
from entrepot.features.search.entries import Held
from entrepot.features.search.entries import entry_of
from entrepot.features.search.store import writing
from entrepot.features.search.terms import Age
from entrepot.features.search.terms import ArtifactQuery
from entrepot.features.search.terms import Bytes
from entrepot.features.search.terms import Day
from entrepot.features.search.terms import Kind
from entrepot.features.search.terms import Never
from entrepot.features.search.terms import Said
from entrepot.features.search.terms import Term
from entrepot.features.search.wording import words_of
from entrepot.features.usage.tables import usage_artifact_uses
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import Milliseconds
from entrepot.oci.descriptor import Platform
from entrepot.oci.digest import Digest
from entrepot.oci.digest import digest_of
from entrepot.oci.reference import RepositoryName
from entrepot.registry.store.repositories import RepositoryId
from entrepot.registry.tables import manifests
from entrepot.registry.tables import repositories
from entrepot.registry.tables import tags
from tests.unit.features.search.conftest import MEDIA_TYPE

NOW = Milliseconds(20_000 * DAY_MS)
NAMES = ("team/redis", "team/web-api", "team/web/worker", "other/redis", "other")
TAGS = ("1.0", "1.1", "2.0", "Latest", "latest", "v1_0")
COMMITS = ("abc123" + "0" * 34, "abc999" + "1" * 34, "ffff0000")
VENDOR = "org.opencontainers.image.vendor"
REVISION = "org.opencontainers.image.revision"
PLATFORMS = (Platform("linux", "amd64"), Platform("linux", "arm64", "v8"), Platform("windows", "amd64"))


@dataclass(frozen=True, slots=True)
class Artifact:
    """An artifact with all that a query can ask of it."""

    held: Held
    facts: Described
    put_on: dict[str, str]
    tags: tuple[str, ...]
    last_pulled: Milliseconds | None

    @property
    def name(self) -> str:
        """What it is told by."""
        return f"{self.held.repository}@{self.held.digest}"


def is_found(query: ArtifactQuery, artifact: Artifact) -> bool:
    """Tell whether every term is true of it."""
    return all(_is_true(term, artifact) == term.is_wanted for term in query.terms)


def some_artifacts(count: int) -> list[Artifact]:
    """Make artifacts, each time the same."""
    source = random.Random(7)
    return [_artifact(number, source) for number in range(count)]


def store_all(connection: Connection, artifacts: list[Artifact]) -> None:
    """Have a registry hold them, and the index know them."""
    for number, name in enumerate(NAMES, 1):
        row = {"id": number, "name": name, "namespace": name.partition("/")[0], "store_id": 1}
        connection.execute(insert(repositories), {**row, "created_at": 0, "visible_at": 0})
    for each in artifacts:
        place = {"repo_id": each.held.repo_id, "digest": each.held.digest}
        row = {"media_type": MEDIA_TYPE, "payload": b"{}", "size": 2, "pushed_by": "user:somebody"}
        connection.execute(insert(manifests), {**place, **row, "pushed_at": each.held.pushed_at})
        for name in each.tags:
            row = {"epoch": 0, "hlc": 0, "region": "", "updated_at": 0, "updated_by": "user:somebody"}
            connection.execute(insert(tags), {**place, **row, "name": name})
        if each.last_pulled is not None:
            connection.execute(insert(usage_artifact_uses), {**place, "last_used_at": each.last_pulled})
        writing.put(connection, each.held.repo_id, [entry_of(each.held, each.facts, (), each.put_on)])


def _artifact(number: int, source: random.Random) -> Artifact:
    place = number % len(NAMES)
    said = {VENDOR: source.choice(("Acme", "Acme Inc"))} if source.random() < 0.5 else {}
    if source.random() < 0.6:
        said[REVISION] = source.choice(COMMITS)
    facts = Described(
        type=source.choice((ArtifactType.IMAGE, ArtifactType.INDEX, ArtifactType.CHART)),
        platforms=tuple(source.sample(PLATFORMS, source.randrange(3))),
        total_size=source.choice((0, 999, 1_000, 5_000_000)),
        labels={"stage": source.choice(("dev", "prod"))} if source.random() < 0.5 else {},
        annotations=said,
        title=source.choice(("", "The Cache", "web shop")),
    )
    pushed_at = Milliseconds(NOW - source.randrange(60) * DAY_MS - source.choice((0, 1, DAY_MS // 2)))
    held = Held(RepositoryId(place + 1), RepositoryName(NAMES[place]), digest_of(b"%d" % number), pushed_at)
    return Artifact(
        held=held,
        facts=facts,
        put_on={"team": source.choice(("pay", "web"))} if source.random() < 0.4 else {},
        tags=tuple(f"{name}" for name in TAGS if number // len(NAMES) == TAGS.index(name)),
        last_pulled=Milliseconds(NOW - source.randrange(60) * DAY_MS) if source.random() < 0.5 else None,
    )


def _is_true(term: Term, artifact: Artifact) -> bool:
    value, facts, held = term.value, artifact.facts, artifact.held
    if isinstance(value, Said):
        said = facts.labels | (artifact.put_on if term.kind is Kind.LABEL else facts.annotations)
        return value.key in said and value.value in (None, said[value.key])
    if isinstance(value, Bytes):
        return value.range.covers(facts.total_size)
    if isinstance(value, Day | Age | Never):
        return _is_then(value, held.pushed_at if term.kind is Kind.PUSHED else artifact.last_pulled)
    return _is_named(term.kind, str(value), artifact)


def _is_then(value: Day | Age | Never, moment: Milliseconds | None) -> bool:
    if isinstance(value, Never):
        return moment is None
    return value.range(NOW).covers(-1 if moment is None else moment)


def _is_named(kind: Kind, text: str, artifact: Artifact) -> bool:
    facts, name, digest = artifact.facts, artifact.held.repository, artifact.held.digest
    match kind:
        case Kind.WORD:
            return set(words_of(text)) <= set(words_of(f"{name} {facts.title}"))
        case Kind.TYPE:
            return facts.type.value == text
        case Kind.PLATFORM:
            return any(_is_part(text, str(platform)) for platform in facts.platforms)
        case Kind.REVISION:
            return facts.annotations.get(REVISION, "").startswith(text)
        case Kind.DIGEST:
            return digest.startswith((text, f"sha256:{text}"))
        case Kind.PROJECT:
            return name.partition("/")[0] == text
        case Kind.REPOSITORY:
            return fnmatchcase(name, text)
        case Kind.TAG:
            return any(fnmatchcase(tag, text) for tag in artifact.tags)
        case _:
            return bool(artifact.tags) == (text == "tagged")


def _is_part(text: str, platform: str) -> bool:
    return text in platform.split("/") or f"{platform}/".startswith(f"{text}/")


def some_digest() -> Digest:
    """Return the digest of one of them."""
    return digest_of(b"3")
