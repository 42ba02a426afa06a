# SPDX-License-Identifier: Apache-2.0
"""What is done about one artifact of a source: finding out when it was made, how much would come, or bringing it."""

from collections.abc import AsyncGenerator
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from functools import partial

from entrepot.features.imports.dates import MAX_CONFIG_BYTES
from entrepot.features.imports.dates import Made
from entrepot.features.imports.dates import date_of
from entrepot.features.imports.fetching import OneAtATime
from entrepot.features.imports.fetching import fetched
from entrepot.features.imports.fetching import fetched_whole
from entrepot.features.imports.models import Import
from entrepot.features.imports.models import Item
from entrepot.features.imports.models import ItemState
from entrepot.features.imports.models import Kind
from entrepot.features.imports.store import imports
from entrepot.features.imports.walking import Found
from entrepot.features.imports.walking import Place
from entrepot.features.imports.walking import Walk
from entrepot.infra.database.engine import Database
from entrepot.infra.distribution.content import Fetched
from entrepot.infra.distribution.errors import ContentMissing
from entrepot.infra.distribution.flow import Flow
from entrepot.kernel.identifiers import Ulid
from entrepot.oci.descriptor import Descriptor
from entrepot.oci.digest import Digest
from entrepot.oci.errors import DigestInvalid
from entrepot.oci.reference import TagName
from entrepot.registry.copy_orders import pointed
from entrepot.registry.intake import Arriving

POINTS_ELSEWHERE = "the tag points at something else here"
MAX_NAMED = 3


@dataclass(slots=True)
class Tally:
    """What was fetched for one artifact."""

    new_bytes: int = 0
    manifests: int = 0


class Artifacts:
    """Works on the artifacts of one import, in the name of whoever asked for it."""

    def __init__(self, database: Database, wanted: Import, flow: Flow) -> None:
        self._database = database
        self._import = wanted
        self._caller = wanted.asker.caller
        self._flow = flow
        self._one = OneAtATime()
        self._root = OneAtATime()

    async def date(self, place: Place, item: Item) -> Item:
        """Find out when an artifact was made. Raises as `Repository`."""
        digest = await self._digest(place, item)
        made = await self._made(place, await place.manifest(digest))
        return replace(item, digest=digest, created_at=made.at, date_source=made.source, is_dated=True)

    async def look(self, place: Place, item: Item) -> list[Item]:
        """Find out what would come of an artifact. Raises as `Walk`."""
        digest = await self._digest(place, item)
        here = await self._here(place, item)
        if here is not None and here != digest and not self._import.terms.overwrites:
            return [replace(item, digest=digest, state=ItemState.KEPT, reason=POINTS_ELSEWHERE)]
        found = await Walk(place, with_referrers=self._import.terms.with_referrers).of(digest)
        missing = await self._note_contents(place, found)
        item = await self._dated(place, found.manifests[digest], item)
        looked = replace(item, digest=digest, state=ItemState.LOOKED, size=found.size, reason=_told(found))
        if here == digest and not missing:
            looked = replace(looked, state=ItemState.SAME)
        return [looked, *self._beside(item, found, ItemState.LOOKED, {})]

    async def bring(self, place: Place, item: Item) -> list[Item]:
        """Bring an artifact with all that belongs to it, its tag last. Raises as `Walk` and `Intake`.

        Of several tags that point at the same the first fetches it, and the others find it here.
        """
        await place.intake.require(self._caller, place.target)
        digest = await self._digest(place, item)
        async with self._root.about(digest):
            return await self._bring(place, item, digest)

    async def _bring(self, place: Place, item: Item, digest: Digest) -> list[Item]:
        here = await self._here(place, item)
        if here is not None and here != digest and not self._import.terms.overwrites:
            return [replace(item, digest=digest, state=ItemState.KEPT, reason=POINTS_ELSEWHERE)]
        found = await Walk(place, with_referrers=self._import.terms.with_referrers).of(digest)
        kept = await self._kept(place, found)
        tally = Tally()
        for manifest in list(found.manifests):
            named = [tag for tag in pointed(found.tags, manifest) if tag not in kept]
            if manifest == digest and here != digest:
                named.append(TagName(item.name))
            await self._bring_one(place, found, manifest, named, tally)
        item = await self._dated(place, found.manifests[digest], item)
        is_same = here == digest and not tally.manifests
        done = replace(
            item,
            digest=digest,
            state=ItemState.SAME if is_same else ItemState.BROUGHT,
            size=found.size,
            new_bytes=item.new_bytes + tally.new_bytes,
            reason=_told(found),
        )
        return [done, *self._beside(item, found, done.state, kept)]

    async def _digest(self, place: Place, item: Item) -> Digest:
        """Return what a tag is, as it was when it was looked at first."""
        if item.digest:
            return Digest(item.digest)
        found = await place.origin.manifest_digest(TagName(item.name))
        if found is None:
            raise ContentMissing(f"the source does not have {item.repository}:{item.name} any more")
        return found

    async def _here(self, place: Place, item: Item) -> Digest | None:
        tag = TagName(item.name)
        return (await place.intake.tagged(place.target, [tag])).get(tag)

    async def _kept(self, place: Place, found: Found) -> dict[TagName, None]:
        """Return the derived tags that point at something else here, and stay."""
        if self._import.terms.overwrites or not found.tags:
            return {}
        here = await place.intake.tagged(place.target, list(found.tags))
        return {tag: None for tag, digest in here.items() if digest != found.tags[tag]}

    async def _bring_one(
        self, place: Place, found: Found, digest: Digest, named: Sequence[TagName], tally: Tally
    ) -> None:
        content = found.manifests[digest]
        is_here = digest in await place.intake.holding(place.target, [digest])
        if is_here and not named:
            return
        if not is_here:
            for blob in _blobs_of(found, content):
                await self._bring_blob(place, blob, tally)
        what = (digest, content.payload, content.manifest)
        await place.intake.store(self._caller, place.target, what, named)
        if not is_here:
            tally.manifests += 1
            tally.new_bytes += len(content.payload)

    async def _bring_blob(self, place: Place, blob: Descriptor, tally: Tally) -> None:
        async with self._one.about(blob.digest):
            if await place.intake.has_blob(place.target, blob.digest):
                return
            if await place.intake.mount(self._caller, place.target, blob.digest):
                return
            await self._upload(place, blob)
            tally.new_bytes += blob.size

    async def _upload(self, place: Place, blob: Descriptor) -> None:
        about = (self._import.id, place.target, blob.digest)

        async def note(upload: Ulid) -> None:
            """Remember the upload, for whoever goes on when this process is gone."""
            await self._database.write(imports.note_upload, *about, upload)

        def read(offset: int) -> AsyncGenerator[bytes, None]:
            """Read the rest of the blob."""
            return fetched(place.origin, blob, offset, self._flow)

        begun = await self._database.read(imports.upload_of, *about)
        arriving = Arriving(blob.digest, blob.size, begun, note)
        try:
            await place.intake.take(self._caller, place.target, arriving, read)
        except DigestInvalid:
            await self._database.write(imports.forget_upload, *about)
            raise
        await self._database.write(imports.forget_upload, *about)

    async def _dated(self, place: Place, root: Fetched, item: Item) -> Item:
        if item.is_dated:
            return item
        made = await self._made(place, root)
        return replace(item, created_at=made.at, date_source=made.source, is_dated=True)

    async def _made(self, place: Place, root: Fetched) -> Made:
        return await date_of(root, partial(self._config, place), partial(_child, place))

    async def _config(self, place: Place, config: Descriptor) -> bytes | None:
        """Return a configuration, from here if it is here; None where the source does not have it."""
        held = await place.intake.content(place.target, config.digest, MAX_CONFIG_BYTES)
        if held is not None:
            return held
        try:
            return await fetched_whole(place.origin, config, self._flow)
        except ContentMissing:
            return None

    async def _note_contents(self, place: Place, found: Found) -> bool:
        """Note what would come; tell whether any of it is not here."""
        held = await place.intake.holding(place.target, list(found.manifests))
        noted = [(digest, len(each.payload), digest in held) for digest, each in found.manifests.items()]
        for blob in (found.blobs | found.loose).values():
            is_here = await place.intake.is_near(self._caller, place.target, blob.digest)
            noted.append((blob.digest, blob.size, is_here))
        await self._database.write(imports.note_contents, self._import.id, noted)
        return not all(is_here for _, _, is_here in noted)

    def _beside(self, item: Item, found: Found, state: ItemState, kept: dict[TagName, None]) -> list[Item]:
        """Return what comes beside the artifact itself: derived tags, and referrers that no tag names."""
        own, repository = item.import_id, item.repository
        made = [
            Item(own, repository, tag, Kind.DERIVED, ItemState.KEPT, digest, reason=POINTS_ELSEWHERE)
            if tag in kept
            else Item(own, repository, tag, Kind.DERIVED, state, digest)
            for tag, digest in found.tags.items()
        ]
        return made + [Item(own, repository, each, Kind.REFERRER, state, each) for each in found.referrers]


def _blobs_of(found: Found, content: Fetched) -> list[Descriptor]:
    """Return the blobs that have to be here before a manifest is."""
    manifest = content.manifest
    own = [each.digest for each in (*manifest.required_blobs, *manifest.optional_blobs)]
    listed = [found.blobs[digest] for digest in own if digest in found.blobs]
    loose = [found.loose[each.digest] for each in manifest.children if each.digest in found.loose]
    return list({each.digest: each for each in (*listed, *loose)}.values())


async def _child(place: Place, child: Descriptor) -> Fetched | None:
    try:
        return await place.manifest(child.digest)
    except ContentMissing:
        return None


def _told(found: Found) -> str:
    """Say what the source lacks of an artifact that came all the same."""
    if not found.absent:
        return ""
    named = ", ".join(list(found.absent)[:MAX_NAMED])
    return f"{len(found.absent)} of its parts are not at the source: {named}"
