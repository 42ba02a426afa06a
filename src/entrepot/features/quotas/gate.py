# SPDX-License-Identifier: Apache-2.0
"""Quotas at the gates of the registry: uploads, blobs, manifests and tags. What is deleted passes none of them."""

from collections.abc import Collection
from dataclasses import dataclass

from entrepot.features.quotas.known import KnownQuotas
from entrepot.features.quotas.ledger import Ledger
from entrepot.features.quotas.models import Item
from entrepot.features.quotas.models import Kind
from entrepot.features.quotas.models import Limits
from entrepot.features.quotas.models import Quota
from entrepot.features.quotas.models import Resource
from entrepot.features.quotas.models import Subject
from entrepot.features.quotas.models import of_principal
from entrepot.features.quotas.models import of_project
from entrepot.features.quotas.store import needs
from entrepot.features.quotas.store import reservations
from entrepot.features.quotas.store.needs import Arrival
from entrepot.features.quotas.store.needs import Needed
from entrepot.features.quotas.telling import Shortage
from entrepot.features.quotas.telling import refusal
from entrepot.features.quotas.telling import warning
from entrepot.infra.database.engine import Database
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import namespace_of
from entrepot.registry.hooks import Allow
from entrepot.registry.hooks import Deny
from entrepot.registry.hooks import GateContext
from entrepot.registry.hooks import Operation
from entrepot.registry.hooks import Verdict
from entrepot.registry.hooks import Warn

_UPLOADS = frozenset({Operation.UPLOAD_START, Operation.BLOB_COMMIT})
_TAGS = frozenset({Operation.TAG_SET, Operation.TAG_MOVE})
_RESOURCES = {
    Kind.ARTIFACT: Resource.ARTIFACTS,
    Kind.REPOSITORY: Resource.REPOSITORIES,
    Kind.TAG: Resource.TAGS,
}
_A_BYTE = 1


@dataclass(frozen=True, slots=True)
class _Limited:
    """Somebody whose quota a request minds."""

    subject: Subject
    quota: Quota

    @property
    def limits(self) -> Limits:
        """The limits of the quota."""
        return self.quota.limits


class QuotaGate:
    """Refuses what does not fit into the quota of a project, or of whoever pushes.

    Without a limit that is about a request, it answers from memory. Where it cannot look, nothing passes: whoever
    pushes is told to try again.
    """

    name = "quotas"
    on_error: Verdict = Deny("how much of the quota is used could not be looked at in time; try again")
    operations = frozenset({*_UPLOADS, Operation.MANIFEST_WRITE, *_TAGS})

    def __init__(self, database: Database, known: KnownQuotas, ledger: Ledger) -> None:
        self._database = database
        self._known = known
        self._ledger = ledger

    async def check(self, context: GateContext) -> Verdict:
        """Decide."""
        await self._known.current()
        pusher = of_principal(context.principal)
        project = of_project(namespace_of(RepositoryName(context.repository)))
        limited = self._limited(project, pusher)
        if context.operation in _UPLOADS:
            return await self._of_upload(context, limited) if limited else Allow()
        if context.operation is Operation.MANIFEST_WRITE:
            return await self._of_manifest(context, project, limited)
        return await self._of_tag(context, project, limited)

    def _limited(self, project: Subject, account: Subject | None) -> list[_Limited]:
        """Return whose quotas are minded: the project's, and somebody's."""
        name = project.partition(":")[2]
        found = [(project, self._known.of_project(name)), (account, self._known.of_account(account))]
        return [_Limited(subject, quota) for subject, quota in found if subject is not None and quota is not None]

    async def _of_upload(self, context: GateContext, limited: list[_Limited]) -> Verdict:
        """Refuse bytes that no manifest could take up: they do not fit, or a new repository does not."""
        is_new: bool | None = None
        for each in limited:
            wanted: list[Item] = []
            if each.limits.of(Resource.BYTES) is not None:
                # Of what nobody has announced, at least a byte comes.
                size = _A_BYTE if context.size is None else context.size
                wanted.append(Item(Kind.BLOB, "", context.digest or "", size))
            if each.limits.of(Resource.REPOSITORIES) is not None:
                if is_new is None:
                    is_new = await self._database.read(needs.room_is_new, context.repository)
                wanted += [Item(Kind.REPOSITORY, context.repository, "")] if is_new else []
            passing = await self._ledger.room(each.subject, each.limits, wanted) if wanted else None
            if passing is not None and passing.short is not None:
                return Deny(refusal(each.subject, each.quota, _announced(passing.short, context)))
        return Allow()

    async def _of_manifest(self, context: GateContext, project: Subject, limited: list[_Limited]) -> Verdict:
        if context.manifest is None or context.digest is None or not self._may_matter(limited):
            return Allow()
        manifest = context.manifest
        listed = [*manifest.required_blobs, *manifest.optional_blobs, *manifest.children]
        arrival = Arrival(
            context.repository, context.digest, context.size or 0, [descriptor.digest for descriptor in listed]
        )
        needed = await self._needed(context, arrival)
        return await self._admit(project, needed)

    async def _of_tag(self, context: GateContext, project: Subject, limited: list[_Limited]) -> Verdict:
        """Count a new tag, and what a tag that is restored takes out of the bin."""
        needed = Needed({})
        if context.manifest is None and context.digest is not None and self._may_matter(limited):
            found = await self._needed(context, Arrival(context.repository, context.digest))
            needed = needed if found.is_new else found
        pusher = of_principal(context.principal) or Subject("")
        if _may_count_for(context, limited):
            tag = Item(Kind.TAG, context.repository, context.tag or "")
            tagged = {pusher: [*needed.items.get(pusher, []), tag]}
            needed = Needed({**needed.items, **tagged})
        verdict = await self._admit(project, needed, is_new_tag=context.operation is Operation.TAG_SET)
        # The manifest of the same push was warned about.
        return Allow() if context.manifest is not None and isinstance(verdict, Warn) else verdict

    def _may_matter(self, limited: list[_Limited]) -> bool:
        """Tell whether a quota may be about it: of the request, or of whoever pushed what comes out of the bin."""
        return bool(limited) or self._known.has_accounts

    async def _needed(self, context: GateContext, arrival: Arrival) -> Needed:
        owner = of_principal(context.principal) or Subject("")
        with_blobs = self._known.limits_bytes
        return await self._database.snapshot(needs.of_arrival, arrival, owner, with_blobs=with_blobs)

    async def _admit(self, project: Subject, needed: Needed, *, is_new_tag: bool = True) -> Verdict:
        """Let it pass for the project, and for everybody whose it is."""
        everything = {item.place: item for items in needed.items.values() for item in items}.values()
        wishes = [(each, list(everything)) for each in self._limited(project, None)]
        for owner, items in needed.items.items():
            wishes += [(each, _with_rooms(items)) for each in self._limited(project, owner) if each.subject == owner]
        warnings: list[str] = []
        passed: list[tuple[Subject, list[Item]]] = []
        for each, items in wishes:
            minded = [item for item in items if _is_minded(each.limits, item)]
            if each.subject == project and not is_new_tag:
                minded = [item for item in minded if item.kind is not Kind.TAG]
            new = await self._uncounted(each.subject, minded, is_project=each.subject == project)
            if not new:
                continue
            passing = await self._ledger.admit(each.subject, each.limits, new)
            if passing.short is not None:
                for subject, others in passed:
                    self._ledger.release(subject, others)
                return Deny(refusal(each.subject, each.quota, passing.short))
            passed.append((each.subject, new))
            warnings.append(warning(each.subject, each.quota, passing.used))
        said = "; ".join(filter(None, warnings))
        return Warn(said) if said else Allow()

    async def _uncounted(self, subject: Subject, items: list[Item], *, is_project: bool) -> list[Item]:
        """Leave out what counts already. Of a project that can only be blobs: the rest of what arrives is new."""
        asked = [item for item in items if item.kind is Kind.BLOB or not is_project]
        if not asked:
            return items
        known = await self._database.snapshot(reservations.counted_among, subject, asked)
        return [item for item in items if item.place not in known]


def _with_rooms(items: Collection[Item]) -> list[Item]:
    """Add the repositories in which artifacts are: for somebody who pushes, those count that hold what is theirs."""
    rooms = {Item(Kind.REPOSITORY, item.repository, "") for item in items if item.kind is Kind.ARTIFACT}
    return list({item.place: item for item in (*items, *rooms)}.values())


def _may_count_for(context: GateContext, limited: list[_Limited]) -> bool:
    """Tell whether a tag may count for somebody for whom it did not: a new one, or one that somebody else set."""
    by_tags = [each.subject for each in limited if each.limits.of(Resource.TAGS) is not None]
    return bool(by_tags) and (context.operation is Operation.TAG_SET or of_principal(context.principal) in by_tags)


def _is_minded(limits: Limits, item: Item) -> bool:
    """Tell whether something takes of what is limited."""
    is_of_bytes = item.kind in (Kind.BLOB, Kind.ARTIFACT) and limits.bytes is not None
    resource = _RESOURCES.get(item.kind)
    return is_of_bytes or (resource is not None and limits.of(resource) is not None)


def _announced(short: Shortage, context: GateContext) -> Shortage:
    """Say what is needed only where the client has said so."""
    is_known = context.size is not None or short.resource is not Resource.BYTES
    return short if is_known else Shortage(short.resource, short.used, short.limit, 0)
