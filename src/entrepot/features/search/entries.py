# SPDX-License-Identifier: Apache-2.0
"""What the index knows of an artifact, gathered from its facts and from the labels that were put on it."""

import hashlib
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from entrepot.features.artifacts import Described
from entrepot.features.search.terms import Kind
from entrepot.features.search.wording import as_revision
from entrepot.features.search.wording import parts_of_platform
from entrepot.features.search.wording import words_of
from entrepot.kernel.clock import Milliseconds
from entrepot.oci.digest import Digest
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import namespace_of
from entrepot.registry.store.repositories import RepositoryId

MAX_SAID = 64
"""So many labels, and so many annotations, of one artifact are found; those whose keys come first."""

MAX_KEY_CHARACTERS = 320
MAX_VALUE_CHARACTERS = 512
"""What has a longer value is found by its key only."""

MAX_WORDS = 64
MAX_PLATFORMS = 24
MAX_KEYS_KEPT = 20
"""So many keys of labels are counted of an artifact."""

SALT_BITS = 21
"""The bits of a place below the moment of the push: artifacts that were pushed in one millisecond."""

_BYTES = 8

# image-spec, "Pre-Defined Annotation Keys", and what came before it.
_REVISIONS = ("org.opencontainers.image.revision", "org.label-schema.vcs-ref")


@dataclass(frozen=True, slots=True)
class Held:
    """A manifest that a repository holds."""

    repo_id: RepositoryId
    repository: RepositoryName
    digest: Digest
    pushed_at: Milliseconds


@dataclass(frozen=True, slots=True)
class Entry:
    """What the index knows of an artifact of a repository; terms are hashes of what is said of it."""

    held: Held
    type: str
    size: int
    platforms: tuple[str, ...]
    label_keys: tuple[str, ...]
    revision: str | None
    terms: frozenset[int]


def hash_of(kind: Kind, key: str, value: str = "") -> int:
    """Return the number that stands for something said of artifacts: 64 bits, so that two are hardly ever the same."""
    text = f"{kind.value}\n{len(key)}\n{key}\n{value}".encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(text, digest_size=_BYTES).digest(), "big", signed=True)


def first_place(held: Held) -> int:
    """Return the place of an artifact if no other has it: by the moment of its push, then as if by lot."""
    lot = hash_of(Kind.WORD, f"{held.repo_id}", held.digest) % (1 << SALT_BITS)
    return (held.pushed_at << SALT_BITS) | lot


def packed(terms: Iterable[int]) -> bytes:
    """Write terms in a row."""
    return b"".join(term.to_bytes(_BYTES, "big", signed=True) for term in sorted(terms))


def unpacked(content: bytes) -> frozenset[int]:
    """Read terms back."""
    return frozenset(
        int.from_bytes(content[start : start + _BYTES], "big", signed=True) for start in range(0, len(content), _BYTES)
    )


def entry_of(held: Held, facts: Described, parts: Sequence[Described], put_on: Mapping[str, str]) -> Entry:
    """Gather what an artifact is found by; `parts` are the entries of an index, `put_on` labels set afterwards."""
    platforms = tuple(dict.fromkeys(text for text in map(str, facts.platforms) if text))[:MAX_PLATFORMS]
    revision = _revision(facts) or _of_all(parts)
    labels = dict(_bounded({**facts.labels, **put_on}))
    annotations = dict(_bounded({**facts.labels, **facts.annotations}))
    terms = {hash_of(Kind.TYPE, facts.type.value), hash_of(Kind.PROJECT, namespace_of(held.repository))}
    terms |= {hash_of(Kind.PLATFORM, part) for platform in platforms for part in parts_of_platform(platform)}
    terms |= {hash_of(Kind.WORD, word) for word in _words(held.repository, facts)}
    terms |= set(_said(Kind.LABEL, labels)) | set(_said(Kind.ANNOTATION, annotations))
    return Entry(
        held=held,
        type=facts.type.value,
        size=facts.total_size or sum(part.total_size for part in parts),
        platforms=platforms,
        label_keys=tuple(key for key in labels if "\n" not in key)[:MAX_KEYS_KEPT],
        revision=revision,
        terms=frozenset(terms),
    )


def _bounded(said: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    fitting = (item for item in sorted(said.items()) if 0 < len(item[0]) <= MAX_KEY_CHARACTERS)
    return islice(fitting, MAX_SAID)


def _said(kind: Kind, said: Mapping[str, str]) -> Iterator[int]:
    for key, value in said.items():
        yield hash_of(kind, key)
        if len(value) <= MAX_VALUE_CHARACTERS:
            yield hash_of(kind, key, f"={value}")


def _words(repository: RepositoryName, facts: Described) -> list[str]:
    text = f"{repository} {facts.title} {facts.chart_name} {facts.description}"
    return list(dict.fromkeys(words_of(text)))[:MAX_WORDS]


def _revision(facts: Described) -> str | None:
    said = {**facts.labels, **facts.annotations}
    return next((found for key in _REVISIONS if (found := as_revision(said.get(key, "")))), None)


def _of_all(parts: Sequence[Described]) -> str | None:
    """Return the commit that all entries of an index were built from, if that is one."""
    revisions = {_revision(part) for part in parts} - {None}
    return revisions.pop() if len(revisions) == 1 else None
