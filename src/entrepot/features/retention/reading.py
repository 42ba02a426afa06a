# SPDX-License-Identifier: Apache-2.0
"""What rules are asked of: a repository as it is at one moment, read as a whole."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import Connection

from entrepot.features.artifacts import Traits
from entrepot.features.artifacts import traits
from entrepot.features.retention.models import Artifact
from entrepot.features.retention.models import Contents
from entrepot.features.retention.models import Tag
from entrepot.features.usage import last_uses
from entrepot.kernel.clock import Milliseconds
from entrepot.oci.digest import Digest
from entrepot.oci.digest import subject_of_fallback_tag
from entrepot.registry.store import contents
from entrepot.registry.store.contents import HeldManifest
from entrepot.registry.store.contents import Hold
from entrepot.registry.store.contents import SetTag
from entrepot.registry.store.repositories import Repository
from entrepot.registry.store.repositories import RepositoryId

_HELD_AS = {"legal": "held for the law", "user": "held", "pin": "in use"}


class TellFacts(Protocol):
    """What a feature knows of artifacts that a rule may go by."""

    def __call__(self, connection: Connection, repo_id: RepositoryId) -> Mapping[str, Iterable[Digest]]:
        """Return the artifacts of a repository of which each of its facts is true, by the name of the fact."""
        ...


@dataclass(frozen=True, slots=True)
class Reading:
    """Reads repositories, with what other features know of them."""

    facts: Sequence[TellFacts] = ()

    def contents(self, connection: Connection, repository: Repository, now: Milliseconds) -> Contents:
        """Return what is in a repository: artifacts that belong to no other, and all tags but those that derive.

        What an index holds is part of it, and what refers to something that is there goes with it: neither is an
        artifact of its own here. A tag such as `sha256-<hex>.sig` goes with its subject, too.
        """
        held = contents.manifests_of(connection, repository.id)
        roots = [each for each in held if not each.is_child and each.subject is None]
        known = traits(connection, [each.digest for each in roots])
        left = contents.left_by_tags(connection, repository.id)
        holds = contents.holds_of(connection, repository.id, now)
        referrers, facts = _referrers(held), self._facts(connection, repository.id)
        tags, derived = _parted(contents.tags_of(connection, repository.id), [each.digest for each in held])
        names, digests = [tag.name for tag in tags], [each.digest for each in roots]
        uses = last_uses(connection, repository.id, names, digests)
        artifacts = [
            Artifact(
                digest=each.digest,
                pushed_at=max(each.pushed_at, left.get(each.digest, each.pushed_at)),
                size=_size(each, known.get(each.digest)),
                artifact_type=each.artifact_type or each.media_type,
                last_used_at=uses.artifacts.get(each.digest),
                labels=_labels(known.get(each.digest)),
                referrers=frozenset(referrers[each.digest]),
                facts=frozenset(facts[each.digest]),
                protection=_protection(holds.get(each.digest)),
            )
            for each in roots
            if each.digest not in derived
        ]
        named = (Tag(each.name, each.digest, each.set_at, uses.tags.get(each.name)) for each in tags)
        return Contents(repository.name, tuple(artifacts), tuple(named), uses.recorded_since)

    def _facts(self, connection: Connection, repo_id: RepositoryId) -> defaultdict[Digest, set[str]]:
        found: defaultdict[Digest, set[str]] = defaultdict(set)
        for tell in self.facts:
            for name, digests in tell(connection, repo_id).items():
                for digest in digests:
                    found[digest].add(name)
        return found


def _referrers(held: Iterable[HeldManifest]) -> defaultdict[Digest, set[str]]:
    found: defaultdict[Digest, set[str]] = defaultdict(set)
    for each in held:
        if each.subject is not None:
            found[each.subject].add(each.artifact_type or each.media_type)
    return found


def _parted(tags: Iterable[SetTag], there: Sequence[Digest]) -> tuple[list[SetTag], set[Digest]]:
    """Return the tags that somebody chose, and what only such point at that derive from something in `there`, sorted.

    Those belong to their subject, as what refers to one.
    """
    chosen: list[SetTag] = []
    derived: set[Digest] = set()
    for tag in tags:
        subject = subject_of_fallback_tag(tag.name)
        if subject is not None and _begins(f"{subject.algorithm}:{subject.encoded_prefix}", there):
            derived.add(tag.digest)
        else:
            chosen.append(tag)
    return chosen, derived - {tag.digest for tag in chosen}


def _begins(prefix: str, digests: Sequence[Digest]) -> bool:
    """Tell whether one of the digests, which are sorted, begins so."""
    place = bisect_left(digests, prefix)
    return place < len(digests) and digests[place].startswith(prefix)


def _size(manifest: HeldManifest, known: Traits | None) -> int:
    return manifest.size + (known.total_size if known else 0)


def _labels(known: Traits | None) -> frozenset[str]:
    return frozenset(f"{name}={value}" for name, value in known.labels.items()) if known else frozenset()


def _protection(hold: Hold | None) -> str:
    return "" if hold is None else f"{_HELD_AS[hold.kind]}: {hold.reason}"
