# SPDX-License-Identifier: Apache-2.0
"""The words of what runs."""

import re
from dataclasses import dataclass

from entrepot.features.in_use.errors import ReportInvalid
from entrepot.kernel.errors import AppError
from entrepot.oci.digest import Digest
from entrepot.oci.digest import parse_digest
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import parse_repository_name
from entrepot.registry.store.in_use import Cluster
from entrepot.registry.store.in_use import Running

MAX_RUNNING = 20_000
"""How much one cluster runs at most."""

MAX_REPOSITORIES = 5_000
"""In how many repositories that is at most."""

MAX_CLUSTERS, MAX_CLUSTERS_OF_ONE = 1_000, 100
"""How many clusters there are at most, and for how many of them one reports."""

DEFAULT_HOURS, MAX_HOURS = 24, 30 * 24
"""For how long a report counts."""

MAX_SHOWN = 1_000
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?")
_SCHEME = re.compile(r"[a-z-]+://")


@dataclass(frozen=True, slots=True)
class Report:
    """What came of a report: what counts now, and of that what is not in this registry; and what does not count.

    Nobody is told of what they may not report whether it is there.
    """

    cluster: Cluster
    counted: int
    unknown: list[Running]
    refused: list[Running]


def parse_cluster(text: str) -> str:
    """Check the name of a cluster. Raises `ReportInvalid`."""
    if _NAME.fullmatch(text) is None:
        raise ReportInvalid(
            f"{text[:80]!r} is not the name of a cluster",
            hint="1 to 64 of a-z, 0-9, '.', '_' and '-', beginning and ending with a letter or a number.",
        )
    return text


def parse_running(text: str) -> Running:
    """Read `repository@digest`. Raises `ReportInvalid`."""
    name, at, digest = text.partition("@")
    try:
        if at:
            return Running(parse_repository_name(name), parse_digest(digest))
    except AppError as error:
        raise ReportInvalid(f"{text[:200]!r} names nothing that runs: {error.message}") from error
    raise ReportInvalid(f"{text[:200]!r} names no digest", hint="Write it like team/app@sha256:….")


@dataclass(frozen=True, slots=True)
class Image:
    """An image as a cluster names it: at which registry, in which repository, and its digest."""

    host: str
    repository: RepositoryName
    digest: Digest


def parse_image(text: str) -> Image | None:
    """Read `registry.example/team/app@sha256:…`, perhaps after `docker-pullable://`; None for what names no digest.

    A tag before the digest says nothing. Without a host it is empty.
    """
    scheme = _SCHEME.match(text)
    name, at, digest = text[scheme.end() if scheme else 0 :].partition("@")
    host, slash, rest = name.partition("/")
    is_host = bool(slash) and ("." in host or ":" in host or host == "localhost")
    path, colon, _tag = (rest if is_host else name).rpartition(":")
    try:
        repository = parse_repository_name(path if colon else (rest if is_host else name))
        return Image(host if is_host else "", repository, parse_digest(digest)) if at else None
    except AppError:
        return None
