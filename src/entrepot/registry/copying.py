# SPDX-License-Identifier: Apache-2.0
"""Copying artifacts from one repository into another, with all that belongs to them and without moving a byte.

Everything goes the ways that clients go: blobs are mounted, manifests are pushed, so that the rules of the target hold
as for any push. What an index holds comes before it, and the artifact itself last, with its tags: whoever pulls by a
tag finds all of it, or what was there before. Whatever is there already is not written again.
"""

import asyncio
from collections.abc import Awaitable
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from sqlalchemy import Connection

from entrepot.kernel.access import Action
from entrepot.oci.digest import Digest
from entrepot.oci.digest import is_ordinary_tag
from entrepot.oci.errors import Denied
from entrepot.oci.errors import ManifestBlobUnknown
from entrepot.oci.errors import ManifestUnknown
from entrepot.oci.manifest import Manifest
from entrepot.oci.manifest import parse_manifest
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import TagName
from entrepot.registry.copy_orders import Copied
from entrepot.registry.copy_orders import CopyIncomplete
from entrepot.registry.copy_orders import Foreseen
from entrepot.registry.copy_orders import Order
from entrepot.registry.copy_orders import Plan
from entrepot.registry.copy_orders import Step
from entrepot.registry.copy_orders import Tell
from entrepot.registry.copy_orders import Within
from entrepot.registry.copy_orders import nobody
from entrepot.registry.copy_plans import make_plan
from entrepot.registry.core import Caller
from entrepot.registry.core import Core
from entrepot.registry.hooks import GateContext
from entrepot.registry.hooks import Operation
from entrepot.registry.mounts import Mounts
from entrepot.registry.pull import Pull
from entrepot.registry.push import ManifestPush
from entrepot.registry.push import Push
from entrepot.registry.rights import Rights
from entrepot.registry.rights import rights_to_store
from entrepot.registry.store import blobs
from entrepot.registry.store import repositories
from entrepot.registry.tag_gates import ask_about_tags

ROUNDS = 4
"""How often a copy looks anew at what there is, where others delete of it meanwhile."""
PARSED_INLINE_BYTES = 64 * 1024


class Copying:
    """The use case. Whoever asks needs the right to pull from the source, and those that pushing to the target takes.

    Every method raises as `Rights.require`, `ManifestUnknown`, `NameUnknown`, `ClosureTooLarge`, `CopyAcrossStores`,
    `RefusedByMode`, and `Denied` from a gate.
    """

    def __init__(self, core: Core, rights: Rights) -> None:
        self._core = core
        self._rights = rights
        self._pull = Pull(core)
        self._push = Push(core)
        self._mounts = Mounts(core)

    async def require(
        self, caller: Caller, source: RepositoryName, target: RepositoryName, tags: Sequence[TagName] = ()
    ) -> None:
        """Do nothing if whoever asks may pull from the source, and store something in the target and set its tags.

        Nobody learns by it what the source has. Raises as `Rights.require`.
        """
        principal = caller.principal
        await self._rights.require(principal, Action.PULL, source)
        await self._rights.require_any(principal, (Action.PUSH, Action.SIGN), target)
        if not await self._rights.may(principal, Action.CREATE, target):
            there = await self._core.database.read(repositories.visible_among, [target])
            if not there:
                await self._rights.require(principal, Action.CREATE, target)
        ordinary = [tag for tag in tags if is_ordinary_tag(tag)]
        if ordinary:
            await self._rights.require_tags(principal, Action.TAG, target, ordinary)

    async def resolve(self, caller: Caller, source: RepositoryName, reference: Digest | TagName) -> Digest:
        """Return what a tag or digest of the source is, to somebody who may pull it."""
        await self._rights.require(caller.principal, Action.PULL, source)
        return (await self._pull.manifest(caller, source, reference, is_head=True)).digest

    async def plan(self, caller: Caller, order: Order) -> Plan:
        """Tell what a copy would bring, and ask everybody who may refuse it before anything is written."""
        plan = await self._planned(caller, order)
        warnings = await self._ask_about_copying(caller, order) if plan.steps else []
        for step in plan.steps:
            manifest, payload = await self._read(caller, order, step)
            await self._require_storing(caller, order, step, manifest)
            warnings += await self._ask_target(caller, order, step, (manifest, len(payload)))
        return Plan(
            order, plan.closure, plan.steps, plan.blobs, plan.new_bytes, plan.kept, tuple(dict.fromkeys(warnings))
        )

    async def foresee(self, caller: Caller, order: Order) -> Foreseen:
        """Tell what a copy would bring that somebody else is to make, and all that rules would refuse of it.

        Rules are asked as if whoever asks made it; what rights the target takes is not looked at.
        """
        await self._rights.require(caller.principal, Action.PULL, order.source)
        await self._core.modes.require_changing(order.target)
        plan = await self._core.database.survey(make_plan, order, self._core.default_store)
        warnings: list[str] = []
        refusals: list[str] = []

        async def hear(answer: Awaitable[list[str]]) -> None:
            """Take note of what somebody says."""
            try:
                warnings.extend(await answer)
            except Denied as refused:
                refusals.append(refused.message)

        async def ask(step: Step) -> list[str]:
            """Ask about one manifest and its tags."""
            manifest, payload = await self._read(caller, order, step)
            return await self._ask_target(caller, order, step, (manifest, len(payload)))

        if plan.steps:
            await hear(self._ask_about_copying(caller, order))
        for step in plan.steps:
            await hear(ask(step))
        return Foreseen(replace(plan, warnings=tuple(dict.fromkeys(warnings))), tuple(dict.fromkeys(refusals)))

    async def copy(self, caller: Caller, order: Order, tell: Tell = nobody, within: Within | None = None) -> Copied:
        """Bring what the target lacks. What of it others delete in the source meanwhile does not come along.

        Raises what `within` raises, `CopyIncomplete` too, and `SubjectGone` for what goes along with an artifact that
        the target has lost.
        """
        for number in range(ROUNDS):
            try:
                plan = await self.plan(caller, order)
                warnings = list(plan.warnings)
                for done, step in enumerate(plan.steps):
                    tell(done, len(plan.steps))
                    warnings += await self._do(caller, order, step, within)
            except (ManifestUnknown, ManifestBlobUnknown):
                if number == ROUNDS - 1:
                    raise
                continue
            tell(len(plan.steps), len(plan.steps))
            return Copied(plan, sum(step.is_new for step in plan.steps), tuple(dict.fromkeys(warnings)))
        raise CopyIncomplete

    async def _planned(self, caller: Caller, order: Order) -> Plan:
        await self.require(caller, order.source, order.target, order.tags)
        await self._core.modes.require_changing(order.target)
        return await self._core.database.survey(make_plan, order, self._core.default_store)

    async def _require_storing(self, caller: Caller, order: Order, step: Step, manifest: Manifest) -> None:
        for action in rights_to_store(manifest, step.tags):
            await self._rights.require(caller.principal, action, order.target)

    async def _ask_about_copying(self, caller: Caller, order: Order) -> list[str]:
        """Ask the gates of the source, of which its tag is copied."""
        about = GateContext(
            Operation.TAG_COPY,
            caller.principal,
            order.source,
            digest=order.digest,
            tag=order.tag,
            manifest_digest=order.digest,
            address=caller.address,
            tags=order.tags,
        )
        return await self._core.gates.check(about)

    async def _read(self, caller: Caller, order: Order, step: Step) -> tuple[Manifest, bytes]:
        """Read a manifest as its reader would, gates and all."""
        found = await self._pull.manifest(caller, order.source, step.node.digest, is_head=False)
        payload = found.payload or b""
        if len(payload) <= PARSED_INLINE_BYTES:
            return parse_manifest(payload, step.node.media_type), payload
        return await asyncio.to_thread(parse_manifest, payload, step.node.media_type), payload

    async def _ask_target(self, caller: Caller, order: Order, step: Step, what: tuple[Manifest, int]) -> list[str]:
        """Ask the gates of the target what `Push.manifest` will ask them again."""
        manifest, size = what
        about = GateContext(
            Operation.MANIFEST_WRITE,
            caller.principal,
            order.target,
            digest=step.node.digest,
            manifest=manifest,
            manifest_digest=step.node.digest,
            address=caller.address,
            tags=step.tags,
            size=size,
        )
        warnings = await self._core.gates.check(about)
        return [*warnings, *(await ask_about_tags(self._core, about, step.tags)).warnings]

    async def _do(self, caller: Caller, order: Order, step: Step, within: Within | None) -> Sequence[str]:
        manifest, payload = await self._read(caller, order, step)
        await self._require_storing(caller, order, step, manifest)
        required = {blob.digest for blob in manifest.required_blobs}
        listed = [*manifest.required_blobs, *manifest.optional_blobs, *manifest.children]
        for digest in dict.fromkeys(each.digest for each in listed):
            await self._bring_blob(caller, order, digest, is_required=digest in required)
        first = None if within is None else partial(_first, within, step)
        push = ManifestPush(order.target, step.node.digest, payload, manifest, step.tags, first)
        return await self._push.manifest(caller, push)

    async def _bring_blob(self, caller: Caller, order: Order, digest: Digest, *, is_required: bool) -> None:
        """Mount a blob that the target lacks; one that is not here either is missed only if it has to be there."""
        here = await self._core.database.read(blobs.find, order.target, digest)
        if here is not None:
            return
        if await self._core.database.read(blobs.find, order.source, digest) is None:
            if is_required and not self._core.settings.sparse_images:
                raise CopyIncomplete(f"the blob {digest} is not in {order.source}", detail={"digest": digest})
            return
        if not await self._mounts.mount(caller, order.target, digest, order.source):
            raise Denied(
                f"the blob {digest} may not be used from {order.source}",
                hint="A rule of its project forbids it.",
                detail={"digest": digest, "repository": order.source},
            )


def _first(within: Within, step: Step, connection: Connection) -> None:
    within(connection, step)
