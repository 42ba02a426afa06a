# SPDX-License-Identifier: Apache-2.0
"""What rules are asked of: a repository as it is at one moment, read as a whole."""

from bisect import bisect_left
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import Connection

from entrepot.features.artifacts import traits
from entrepot.features.immutability import kept_tags
from entrepot.features.labels import labels_of
from entrepot.features.retention.belonging import Belonging
from entrepot.features.retention.describing import Described
from entrepot.features.retention.describing import Held
from entrepot.features.retention.errors import RetentionRuleInvalid
from entrepot.features.retention.models import Artifact
from entrepot.features.retention.models import Contents
from entrepot.features.retention.models import Rule
from entrepot.features.retention.models import Tag
from entrepot.features.retention.store import expiries as expiry_store
from entrepot.features.retention.store.expiries import Expiry
from entrepot.features.usage import LastUses
from entrepot.features.usage import last_uses
from entrepot.kernel.clock import Milliseconds
from entrepot.oci.digest import Digest
from entrepot.oci.digest import subject_of_fallback_tag
from entrepot.oci.reference import TagName
from entrepot.registry.store import contents
from entrepot.registry.store import holds
from entrepot.registry.store.contents import SetTag
from entrepot.registry.store.holds import Hold
from entrepot.registry.store.holds import HoldKind
from entrepot.registry.store.repositories import Repository
from entrepot.registry.store.repositories import RepositoryId


class FactProvider(Protocol):
    """What a feature knows of artifacts that a rule may go by."""

    names: frozenset[str]
    """Of the facts it knows of."""

    def tell(self, connection: Connection, repo_id: RepositoryId) -> Mapping[str, Iterable[Digest]]:
        """Return the artifacts of a repository of which each of its facts is true, by the name of the fact."""
        ...


@dataclass(frozen=True, slots=True)
class Read:
    """What is in a repository, what there belongs to what, and what somebody chose a tag for."""

    contents: Contents
    belonging: Belonging
    tagged: frozenset[Digest]


@dataclass(frozen=True, slots=True)
class Reading:
    """Reads repositories, with what other features know of them."""

    facts: Sequence[FactProvider] = ()

    def require_known(self, rules: Iterable[Rule]) -> None:
        """Raises `RetentionRuleInvalid` where a rule goes by a fact that nobody tells of."""
        known = frozenset[str]().union(*(provider.names for provider in self.facts))
        for rule in rules:
            unknown = {fact.removeprefix("!") for fact in rule.selection.facts} - known
            if unknown:
                raise RetentionRuleInvalid(
                    f"the rule {rule.name} goes by {', '.join(sorted(unknown))}, which nothing here tells of",
                    hint=f"There is {', '.join(sorted(known))}." if known else "No feature here tells facts.",
                )

    def read(
        self, connection: Connection, repository: Repository, now: Milliseconds, *, expires_by_labels: bool = False
    ) -> Read:
        """Read a repository: artifacts that belong to no other, and all tags but those that derive.

        What an index holds is part of it, and what refers to something that is there goes with it: neither is an
        artifact of its own here, unless somebody chose a tag for it. A tag such as `sha256-<hex>.sig` goes with its
        subject, too. `expires_by_labels` has tags expire when their artifacts say.
        """
        repo_id = repository.id
        held = {each.digest: each for each in contents.manifests_of(connection, repo_id)}
        chosen, derived = _parted(contents.tags_of(connection, repo_id), list(held))
        belonging = _belonging(held, contents.parts_of(connection, repo_id), derived)
        tagged = frozenset(tag.digest for tag in chosen)
        roots = [digest for digest in held if digest in tagged or belonging.is_alone(digest)]
        labels = labels_of(connection, repo_id, roots)
        described = Described(held, belonging, traits(connection, belonging.with_parts(roots)), labels)
        uses = last_uses(connection, repo_id, [tag.name for tag in chosen], roots)
        artifacts = self._artifacts(connection, repo_id, (roots, described, uses), now)
        expiries = expiry_store.expiries_of(connection, repo_id)
        kept = kept_tags(connection, repository.name, [tag.name for tag in chosen], now)
        tags = (
            Tag(
                name=tag.name,
                digest=tag.digest,
                set_at=tag.set_at,
                last_used_at=uses.tags.get(tag.name),
                protection=kept.get(tag.name, ""),
                expires_at=_expiry(tag, expiries, described, by_labels=expires_by_labels),
            )
            for tag in chosen
        )
        return Read(Contents(repository.name, artifacts, tuple(tags), uses.recorded_since), belonging, tagged)

    def _artifacts(
        self,
        connection: Connection,
        repo_id: RepositoryId,
        known: tuple[Sequence[Digest], Described, LastUses],
        now: Milliseconds,
    ) -> tuple[Artifact, ...]:
        roots, described, uses = known
        left, facts = contents.left_by_tags(connection, repo_id), self._facts(connection, repo_id)
        given = _protections(connection, repo_id, described.belonging, now)
        return tuple(
            Artifact(
                digest=digest,
                pushed_at=max(described.came_at(digest), left.get(digest, Milliseconds(0))),
                size=described.size(digest),
                artifact_types=described.types(digest),
                last_used_at=uses.artifacts.get(digest),
                is_part=bool(described.belonging.holders.get(digest)),
                is_known=described.is_known(digest),
                labels=described.labels(digest),
                referrers=described.referrers(digest),
                facts=frozenset(facts.get(digest, ())),
                protection=given.get(digest, ""),
            )
            for digest in roots
        )

    def _facts(self, connection: Connection, repo_id: RepositoryId) -> dict[Digest, set[str]]:
        found: dict[Digest, set[str]] = {}
        for provider in self.facts:
            for name, digests in provider.tell(connection, repo_id).items():
                for digest in digests:
                    found.setdefault(digest, set()).add(name)
        return found


def _belonging(
    held: Held, parts: Iterable[tuple[Digest, Digest]], derived: Iterable[tuple[Digest, Digest]]
) -> Belonging:
    belonging = Belonging()
    for index, part in parts:
        if index in held and part in held:
            belonging.hold(index, part)
    for manifest in held.values():
        if manifest.subject is not None:
            belonging.refer(manifest.digest, manifest.subject)
    for referrer, subject in derived:
        if referrer in held:
            belonging.refer(referrer, subject)
    return belonging


def _parted(tags: Iterable[SetTag], there: Sequence[Digest]) -> tuple[list[SetTag], list[tuple[Digest, Digest]]]:
    """Return the tags that somebody chose, and what the others point at with the subject they derive from.

    `there` are the manifests of the repository, sorted: a tag without a subject among them is one that was chosen.
    """
    chosen: list[SetTag] = []
    derived: list[tuple[Digest, Digest]] = []
    for tag in tags:
        named = subject_of_fallback_tag(tag.name)
        subject = None if named is None else _beginning(f"{named.algorithm}:{named.encoded_prefix}", there)
        if subject is None or subject == tag.digest:
            chosen.append(tag)
        else:
            derived.append((tag.digest, subject))
    return chosen, derived


def _beginning(prefix: str, digests: Sequence[Digest]) -> Digest | None:
    """Return the first of the digests, which are sorted, that begins so."""
    place = bisect_left(digests, prefix)
    return digests[place] if place < len(digests) and digests[place].startswith(prefix) else None


def _expiry(
    tag: SetTag, expiries: Mapping[TagName, Expiry], described: Described, *, by_labels: bool
) -> Milliseconds | None:
    said = expiries.get(tag.name)
    if said is not None and said.is_about(tag.digest, tag.set_at):
        return said.expires_at
    return described.expiry(tag) if by_labels else None


def _protections(
    connection: Connection, repo_id: RepositoryId, belonging: Belonging, now: Milliseconds
) -> dict[Digest, str]:
    """Return why manifests stay: what holds and clusters keep, and what would take something along that is held."""
    held = holds.all_held(connection, repo_id, now)
    running = {digest: f"in use in {pin.cluster}" for digest, pin in holds.all_pinned(connection, repo_id, now).items()}
    below = {subject: why for digest, why in running.items() for subject in belonging.subjects.get(digest, ())}
    placed = {digest: _held_as(hold) for digest, hold in held.items() if hold.digest in (digest, None)}
    return {
        **belonging.protected(below),
        **running,
        **belonging.protected(placed),
        **{digest: _held_as(hold) for digest, hold in held.items()},
    }


def _held_as(hold: Hold) -> str:
    return f"{'held for the law' if hold.kind is HoldKind.LEGAL else 'held'}: {hold.reason}"
