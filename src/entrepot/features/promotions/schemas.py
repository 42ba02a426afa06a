# SPDX-License-Identifier: Apache-2.0
"""Promotions and their paths as the management API shows them."""

from enum import StrEnum
from typing import Annotated

from fastapi import Path as PathParameter
from fastapi import Query
from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field
from pydantic import StringConstraints

from entrepot.features.copies import FOLLOWED_HOURS
from entrepot.features.copies import MAX_FOLLOWED_HOURS
from entrepot.features.promotions.asking import Foretold
from entrepot.features.promotions.models import MAX_NOTE_CHARACTERS
from entrepot.features.promotions.models import Decision
from entrepot.features.promotions.models import PromotionState
from entrepot.features.promotions.models import Verdict
from entrepot.features.promotions.models import Wish
from entrepot.features.promotions.paths import MAX_APPROVALS
from entrepot.features.promotions.paths import MAX_APPROVERS
from entrepot.features.promotions.paths import MAX_SUFFIX_CHARACTERS
from entrepot.features.promotions.paths import MAX_WAIT_HOURS
from entrepot.features.promotions.paths import WAIT_HOURS
from entrepot.features.promotions.paths import Path
from entrepot.features.promotions.paths import Terms
from entrepot.features.promotions.paths import parse_approver
from entrepot.features.promotions.paths import parse_path_address
from entrepot.features.promotions.service import Shown
from entrepot.infra.http.schemas import GivenRevision
from entrepot.infra.http.schemas import Moment
from entrepot.oci.digest import parse_digest
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import parse_tag

MAX_LISTED = 1_000
"""How many manifests a preview lists; all of them are counted."""
_PATH = "A path: the project that it leads into, and its name."
_NOTE = "What there is to say, in one line."
_SOURCE = "The project that it leads from."
_REPOSITORIES = "Which repositories of it, as a path pattern; empty for all."
_PREFIX = "Below which name the target has what comes, in place of the source project; empty for the target project."
_TAGS = "Which tags may be asked for, as a tag pattern; empty for all, and for digests."
_SUFFIX = "What is added to the tag in the target; empty for nothing."
_APPROVALS = "How many of the approvers have to approve. Counted by what the path says when one of them does."
_APPROVERS = "Users and groups: `ada`, `user:ada` or `group:release`."
_OWN = "Whether who asks may be one of those who approve."
_WAIT = "For how many hours approvals may come."
_FOLLOW = "For how many hours what is said later of what was promoted comes along: signatures, SBOMs; 0 for not at all."
_REFUSALS = "All that would refuse it as things stand, with what the rules are asked about whoever asks."

PromotionPath = Annotated[
    str, PathParameter(description="The id of a promotion.", max_length=64, examples=["01KDZK3V8E8K5Z4Q6T6R9W2B7C"])
]
PathName = Annotated[str, PathParameter(description="The name of the path.", max_length=64, examples=["release"])]
Approver = Annotated[str, StringConstraints(max_length=300)]


class WaitingFor(StrEnum):
    """For whom promotions wait."""

    ME = "me"


WaitingForQuery = Annotated[
    WaitingFor | None, Query(description="`me`: those that wait, and that you may decide about.")
]
StateQuery = Annotated[PromotionState | None, Query(description="Only those that stand so.")]


class PathRequest(BaseModel):
    """What a path is to say."""

    model_config = ConfigDict(extra="forbid")

    source: str = Field(min_length=1, max_length=255, description=_SOURCE, examples=["dev"])
    repositories: str = Field("", max_length=255, description=_REPOSITORIES, examples=["dev/web/**"])
    prefix: str = Field("", max_length=200, description=_PREFIX, examples=["prod/releases"])
    tags: str = Field("", max_length=128, description=_TAGS, examples=["v*"])
    tag_suffix: str = Field("", max_length=MAX_SUFFIX_CHARACTERS, description=_SUFFIX, examples=["-stable"])
    approvals: int = Field(0, ge=0, le=MAX_APPROVALS, description=_APPROVALS)
    approvers: list[Approver] = Field([], max_length=MAX_APPROVERS, description=_APPROVERS)
    own_request_counts: bool = Field(False, description=_OWN)
    wait_hours: int = Field(WAIT_HOURS, ge=1, le=MAX_WAIT_HOURS, description=_WAIT)
    follow_hours: int = Field(FOLLOWED_HOURS, ge=0, le=MAX_FOLLOWED_HOURS, description=_FOLLOW)
    revision: GivenRevision = None

    def terms(self) -> Terms:
        """Return it as the use cases take it. Raises as `parse_approver`."""
        return Terms(
            source=self.source,
            repositories=self.repositories,
            prefix=self.prefix,
            tags=self.tags,
            tag_suffix=self.tag_suffix,
            approvals=self.approvals,
            approvers=tuple(dict.fromkeys(map(parse_approver, self.approvers))),
            own_request_counts=self.own_request_counts,
            wait_hours=self.wait_hours,
            follow_hours=self.follow_hours,
        )


class PathView(BaseModel):
    """From which repositories of one project to which of another, and who has to approve."""

    path: str = Field(description=_PATH, examples=["prod/release"])
    project: str = Field(description="The project that it leads into.", examples=["prod"])
    name: str = Field(examples=["release"])
    source: str = Field(description=_SOURCE, examples=["dev"])
    repositories: str = Field(description=_REPOSITORIES)
    prefix: str = Field(description=_PREFIX)
    tags: str = Field(description=_TAGS)
    tag_suffix: str = Field(description=_SUFFIX)
    approvals: int = Field(description=_APPROVALS)
    approvers: list[str] = Field(description=_APPROVERS, examples=[["user:ada", "group:release"]])
    own_request_counts: bool = Field(description=_OWN)
    wait_hours: int = Field(description=_WAIT)
    follow_hours: int = Field(description=_FOLLOW)
    revision: int = Field(description="Changes with every change.")
    created_at: Moment
    changed_at: Moment
    changed_by: str = Field(examples=["user:admin"])

    @classmethod
    def of(cls, path: Path) -> "PathView":
        """Show a path."""
        terms = path.terms
        return cls(
            path=path.address,
            project=path.project,
            name=path.name,
            source=terms.source,
            repositories=terms.repositories,
            prefix=terms.prefix,
            tags=terms.tags,
            tag_suffix=terms.tag_suffix,
            approvals=terms.approvals,
            approvers=[str(each) for each in terms.approvers],
            own_request_counts=terms.own_request_counts,
            wait_hours=terms.wait_hours,
            follow_hours=terms.follow_hours,
            revision=path.revision,
            created_at=path.created_at,
            changed_at=path.changed_at,
            changed_by=path.changed_by,
        )


class PathList(BaseModel):
    """Paths, by the project that they lead into and by name. A page may hold fewer than were asked for."""

    items: list[PathView]


class PromotionRequest(BaseModel):
    """What of the repository is to be promoted along which path: a tag, or a digest."""

    model_config = ConfigDict(extra="forbid")

    path: str = Field(max_length=320, description=_PATH, examples=["prod/release"])
    tag: str | None = Field(None, max_length=128, examples=["1.0"])
    digest: str | None = Field(None, max_length=160)
    note: str = Field("", max_length=MAX_NOTE_CHARACTERS, description=_NOTE)

    def wish(self, source: RepositoryName) -> Wish:
        """Return what is wanted. Raises as the parsers of paths, tags and digests."""
        project, name = parse_path_address(self.path)
        return Wish(
            source=source,
            project=project,
            path=name,
            digest=None if self.digest is None else parse_digest(self.digest),
            tag=None if self.tag is None else parse_tag(self.tag),
            note=self.note,
        )


class DecisionRequest(BaseModel):
    """What whoever decides says."""

    model_config = ConfigDict(extra="forbid")

    note: str = Field("", max_length=MAX_NOTE_CHARACTERS, description=_NOTE)


class DecisionView(BaseModel):
    """What an approver said, and when."""

    by: str = Field(examples=["user:ada"])
    verdict: Verdict
    at: Moment
    note: str = Field(description=_NOTE)

    @classmethod
    def of(cls, decision: Decision) -> "DecisionView":
        """Show a decision."""
        return cls(by=decision.by, verdict=decision.verdict, at=decision.at, note=decision.note)


class PromotionView(BaseModel):
    """That somebody wants an artifact in the next project, and what came of it."""

    id: str = Field(examples=["01KDZK3V8E8K5Z4Q6T6R9W2B7C"])
    path: str = Field(description=_PATH, examples=["prod/release"])
    source: str = Field(description="The repository that it comes from.", examples=["dev/app"])
    target: str = Field(description="The repository that it goes to.", examples=["prod/app"])
    digest: str = Field(description="What it was when it was asked for; it stays the same in the target.")
    tag: str | None = Field(description="By which tag it was named in the source.")
    tags: list[str] = Field(description="What points at it in the target.")
    note: str = Field(description=_NOTE)
    requested_by: str = Field(examples=["user:ada"])
    requested_at: Moment
    expires_at: Moment = Field(description="Until when approvals may come.")
    state: PromotionState
    approvals: int | None = Field(description="How many approvals it takes; null where the path is gone.")
    decisions: list[DecisionView] = Field(description="In the order in which they were made.")
    carried_out_by: str | None = Field(description="With whose rights it was carried out, or is.")
    copy_id: str | None = Field(description="The copy that brings it.")
    record: str | None = Field(description="The digest of what tells in the target where it came from.")
    reason: str = Field(description="Why it ended as it did.")
    ended_at: Moment | None
    may_decide: bool = Field(description="Whether you may say something of it.")
    may_withdraw: bool

    @classmethod
    def of(cls, shown: Shown) -> "PromotionView":
        """Show a promotion."""
        promotion = shown.promotion
        return cls(
            id=promotion.id,
            path=promotion.path_address,
            source=promotion.source,
            target=promotion.target,
            digest=promotion.digest,
            tag=promotion.tag,
            tags=list(promotion.tags),
            note=promotion.note,
            requested_by=promotion.asker.identity,
            requested_at=promotion.requested_at,
            expires_at=promotion.expires_at,
            state=shown.state,
            approvals=shown.needed,
            decisions=[DecisionView.of(each) for each in promotion.decisions],
            carried_out_by=None if promotion.executor is None else promotion.executor.identity,
            copy_id=promotion.copy_id,
            record=promotion.record_digest,
            reason=promotion.reason,
            ended_at=promotion.ended_at,
            may_decide=shown.may_decide,
            may_withdraw=shown.may_withdraw,
        )


class PromotionList(BaseModel):
    """Promotions, the newest first. A page may hold fewer than were asked for."""

    items: list[PromotionView]


class PromotedManifest(BaseModel):
    """A manifest that would come along."""

    digest: str
    media_type: str
    artifact_type: str | None
    subject: str | None = Field(description="What it refers to, if it says so itself.")
    size: int
    is_new: bool = Field(description="Whether the target lacks it.")


class PromotionPreview(BaseModel):
    """What a promotion would bring, and all that would refuse it as things stand."""

    path: str = Field(description=_PATH)
    target: str
    digest: str
    tags: list[str] = Field(description="What would point at it in the target.")
    approvals: int = Field(description=_APPROVALS)
    approvers: list[str] = Field(description=_APPROVERS)
    manifests: list[PromotedManifest] = Field(description=f"In the order in which they come; {MAX_LISTED} at most.")
    manifest_count: int
    new_manifests: int
    new_bytes: int = Field(description="What the project of the target does not hold yet, in bytes.")
    derived_tags: list[str] = Field(description="Tags such as `sha256-….sig` that come along.")
    refusals: list[str] = Field(description=_REFUSALS)
    warnings: list[str]

    @classmethod
    def of(cls, told: Foretold) -> "PromotionPreview":
        """Show what would become of it."""
        plan, promotion = told.plan, told.promotion
        new = {step.node.digest for step in plan.steps if step.is_new}
        shown = [
            PromotedManifest(
                digest=each.digest,
                media_type=each.media_type,
                artifact_type=each.artifact_type,
                subject=each.subject,
                size=each.size,
                is_new=each.digest in new,
            )
            for each in list(plan.closure.nodes.values())[:MAX_LISTED]
        ]
        return cls(
            path=promotion.path_address,
            target=promotion.target,
            digest=promotion.digest,
            tags=list(promotion.tags),
            approvals=told.path.terms.approvals,
            approvers=[str(each) for each in told.path.terms.approvers],
            manifests=shown,
            manifest_count=len(plan.closure.nodes),
            new_manifests=len(new),
            new_bytes=plan.new_bytes,
            derived_tags=list(plan.closure.tags),
            refusals=list(told.refusals),
            warnings=list(plan.warnings),
        )
