# SPDX-License-Identifier: Apache-2.0
"""Imports as the management API shows them."""

from typing import Annotated
from typing import Literal

from fastapi import Path
from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field
from pydantic import StringConstraints

from entrepot.features.imports.models import MAX_NAMES
from entrepot.features.imports.models import MAX_PARALLEL
from entrepot.features.imports.models import MAX_PATTERNS
from entrepot.features.imports.models import MAX_STRIPPED
from entrepot.features.imports.models import PARALLEL
from entrepot.features.imports.models import Counts
from entrepot.features.imports.models import DateSource
from entrepot.features.imports.models import ImportState
from entrepot.features.imports.models import Item
from entrepot.features.imports.models import ItemState
from entrepot.features.imports.models import Kind
from entrepot.features.imports.models import Login
from entrepot.features.imports.models import RepositoryState
from entrepot.features.imports.models import Source
from entrepot.features.imports.models import Terms
from entrepot.features.imports.models import Wish
from entrepot.features.imports.models import Work
from entrepot.features.imports.service import Shown
from entrepot.infra.distribution.pace import MAX_RATE
from entrepot.infra.http.schemas import GivenMoment
from entrepot.infra.http.schemas import Moment
from entrepot.infra.http.schemas import Password

MAX_SECRET_CHARACTERS = 16 * 1024
MAX_NEWEST = 1_000_000

_DATES = "Artifacts say themselves when they were made: in their configuration, or by an annotation."
_UNKNOWN = "What does not say it comes all the same."
_ENDED = "When it ended."

ImportPath = Annotated[
    str, Path(description="The id of an import.", max_length=64, examples=["01KDZK3V8E8K5Z4Q6T6R9W2B7C"])
]
Name = Annotated[str, StringConstraints(min_length=1, max_length=255)]
Pattern = Annotated[str, StringConstraints(min_length=1, max_length=255)]
TagPattern = Annotated[str, StringConstraints(min_length=1, max_length=128)]
ReportFormat = Literal["ndjson", "json", "csv"]


class SourceLogin(BaseModel):
    """Who asks the source. It is kept encrypted, and never shown."""

    model_config = ConfigDict(extra="forbid")

    username: str = Field("", max_length=255, description="Empty for a token that is sent as it is.")
    password: Password = Field(max_length=MAX_SECRET_CHARACTERS, description="A password, or a token.")

    def login(self) -> Login:
        """Return it as the use cases take it."""
        return Login(self.username, self.password.get_secret_value())


class ImportRequest(BaseModel):
    """What to import from which registry, and into which project."""

    model_config = ConfigDict(extra="forbid")

    url: str = Field(max_length=2_048, description="The source.", examples=["https://harbor.example.org"])
    login: SourceLogin | None = None
    project: str = Field(max_length=255, description="The project it comes into.", examples=["team"])
    prefix: str = Field("", max_length=255, description="What stands between the project and the name.")
    strip: int = Field(0, ge=0, le=MAX_STRIPPED, description="How many segments of each name are left out.")
    repositories: list[Name] = Field([], max_length=MAX_NAMES, description="By their whole names at the source.")
    patterns: list[Pattern] = Field(
        [], max_length=MAX_PATTERNS, description="Path patterns of repositories that the source lists: `library/**`."
    )
    exclude_repositories: list[Pattern] = Field([], max_length=MAX_PATTERNS)
    tags: list[TagPattern] = Field([], max_length=MAX_PATTERNS, description="Patterns of tags; none for all.")
    exclude_tags: list[TagPattern] = Field([], max_length=MAX_PATTERNS)
    newer_than: GivenMoment | None = Field(None, description=f"Leave out what was made before. {_DATES} {_UNKNOWN}")
    newest: int | None = Field(
        None, ge=1, le=MAX_NEWEST, description="So many tags of each repository, the newest; those without a date last."
    )
    with_referrers: bool = Field(True, description="Whether signatures, SBOMs and the like come along.")
    overwrite: bool = Field(
        False, description="Whether a tag is moved that points at something else here; otherwise it stays."
    )
    rate: int | None = Field(None, ge=1, le=MAX_RATE, description="Bytes in a second, at most.")
    parallel: int = Field(PARALLEL, ge=1, le=MAX_PARALLEL, description="How many artifacts come at once.")
    dry_run: bool = Field(False, description="Only find out what would come.")

    def wish(self) -> Wish:
        """Return it as the use cases take it."""
        terms = Terms(
            names=tuple(dict.fromkeys(self.repositories)),
            patterns=tuple(dict.fromkeys(self.patterns)),
            without=tuple(dict.fromkeys(self.exclude_repositories)),
            tags=tuple(dict.fromkeys(self.tags)),
            without_tags=tuple(dict.fromkeys(self.exclude_tags)),
            newer_than=self.newer_than,
            newest=self.newest,
            with_referrers=self.with_referrers,
            prefix=self.prefix.strip("/"),
            strip=self.strip,
            overwrites=self.overwrite,
            rate=self.rate,
            parallel=self.parallel,
        )
        return Wish(self.url, self.project, terms, None if self.login is None else self.login.login())


class GoingOnRequest(BaseModel):
    """How to go on: with another login for the source, or the one that is kept."""

    model_config = ConfigDict(extra="forbid")

    login: SourceLogin | None = None

    @property
    def given(self) -> Login | None:
        """The login that is given, if one is."""
        return None if self.login is None else self.login.login()


class ImportCounts(BaseModel):
    """How many tags and referrers stand how."""

    waiting: int
    looked: int = Field(description="Of a dry run: those that would come.")
    brought: int
    same: int = Field(description="They were here already.")
    kept: int = Field(description="The tag points at something else here, and stays.")
    excluded: int
    failed: int
    bytes: int = Field(description="Of those that came, were here or would come; what several share counts for each.")
    new_bytes: int = Field(description="How many bytes were fetched.")


class ImportView(BaseModel):
    """What somebody wants imported, and how far it is."""

    id: str = Field(examples=["01KDZK3V8E8K5Z4Q6T6R9W2B7C"])
    url: str = Field(examples=["https://harbor.example.org"])
    project: str
    prefix: str
    strip: int
    repositories: list[str]
    patterns: list[str]
    exclude_repositories: list[str]
    tags: list[str]
    exclude_tags: list[str]
    newer_than: Moment | None
    newest: int | None
    with_referrers: bool
    overwrite: bool
    rate: int | None
    parallel: int
    work: Work = Field(description="What it does: look (a dry run), bring, or check (comparing it again).")
    state: ImportState
    reason: str = Field(description="Why it failed; of a dry run, what is against it now, such as a quota.")
    requested_by: str = Field(examples=["user:ada"])
    requested_at: Moment
    began_at: Moment | None
    ended_at: Moment | None = Field(description=_ENDED)
    checked_at: Moment | None = Field(description="When it was compared with the source last.")
    is_listed: bool = Field(description="Whether all its repositories are known.")
    repository_count: int
    repositories_finished: int
    repositories_failed: int
    counts: ImportCounts
    excluded: dict[str, int] = Field(description="How many tags do not come, by why. Not in lists.")
    content_count: int = Field(description="Of a dry run: manifests and blobs, each counted once.")
    content_bytes: int
    missing_bytes: int = Field(description="How many bytes of them are not here.")

    @classmethod
    def of(cls, shown: Shown) -> "ImportView":
        """Show an import."""
        wanted, terms, totals = shown.wanted, shown.wanted.terms, shown.totals
        return cls(
            id=wanted.id,
            url=wanted.url,
            project=wanted.project,
            prefix=terms.prefix,
            strip=terms.strip,
            repositories=list(terms.names),
            patterns=list(terms.patterns),
            exclude_repositories=list(terms.without),
            tags=list(terms.tags),
            exclude_tags=list(terms.without_tags),
            newer_than=terms.newer_than,
            newest=terms.newest,
            with_referrers=terms.with_referrers,
            overwrite=terms.overwrites,
            rate=terms.rate,
            parallel=terms.parallel,
            work=wanted.work,
            state=wanted.state,
            reason=wanted.reason,
            requested_by=wanted.asker.identity,
            requested_at=wanted.requested_at,
            began_at=wanted.began_at,
            ended_at=wanted.ended_at,
            checked_at=wanted.checked_at,
            is_listed=wanted.is_listed,
            repository_count=totals.repositories,
            repositories_finished=totals.finished,
            repositories_failed=totals.failed,
            counts=_counts(totals.counts),
            excluded=shown.excluded,
            content_count=totals.blobs,
            content_bytes=totals.blob_bytes,
            missing_bytes=totals.missing_bytes,
        )


class ImportList(BaseModel):
    """Imports, the newest first."""

    items: list[ImportView]


class ImportRepository(BaseModel):
    """A repository of an import."""

    name: str = Field(description="At the source.")
    target: str = Field(description="Here.")
    state: RepositoryState
    reason: str = Field(description="Why it could not be read.")
    counts: ImportCounts

    @classmethod
    def of(cls, source: Source) -> "ImportRepository":
        """Show a repository."""
        return cls(
            name=source.name,
            target=source.target,
            state=source.state,
            reason=source.reason,
            counts=_counts(source.counts),
        )


class ImportRepositoryList(BaseModel):
    """Repositories of an import, by name."""

    items: list[ImportRepository]


class ImportArtifact(BaseModel):
    """A name of the source, and what became of it."""

    repository: str
    name: str = Field(description="A tag; of what only refers to something, its digest.")
    kind: Kind
    state: ItemState
    digest: str
    size: int
    new_bytes: int
    created_at: Moment | None = Field(description=_DATES)
    created_from: DateSource
    reason: str

    @classmethod
    def of(cls, item: Item) -> "ImportArtifact":
        """Show an artifact."""
        return cls(
            repository=item.repository,
            name=item.name,
            kind=item.kind,
            state=item.state,
            digest=item.digest,
            size=item.size,
            new_bytes=item.new_bytes,
            created_at=item.created_at,
            created_from=item.date_source,
            reason=item.reason,
        )


class ImportArtifactList(BaseModel):
    """Artifacts of an import, by repository and name."""

    items: list[ImportArtifact]


def _counts(counts: Counts) -> ImportCounts:
    own = {name: getattr(counts, name) for name in ImportCounts.model_fields if name != "bytes"}
    return ImportCounts(**own, bytes=counts.bytes_in_all)
