# SPDX-License-Identifier: Apache-2.0
"""A client that pushes, deletes, restores and reads artifacts of its own, made of blobs that everybody pushes."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Awaitable
from collections.abc import Callable
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from dataclasses import field
from typing import Any

from sqlalchemy.exc import DBAPIError

from entrepot.infra.database.engine import DatabaseUnavailable
from entrepot.infra.database.engine import sqlstate
from entrepot.infra.database.postgresql import CONFLICTS
from entrepot.kernel.clock import HOUR_MS
from entrepot.kernel.errors import AppError
from entrepot.oci.digest import Digest
from entrepot.oci.digest import digest_of
from entrepot.oci.errors import BlobUnknown
from entrepot.oci.errors import ManifestBlobUnknown
from entrepot.oci.errors import ManifestUnknown
from entrepot.oci.errors import NameUnknown
from entrepot.oci.errors import Unsupported
from entrepot.oci.media_types import OCI_CONFIG
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import TagName
from entrepot.registry.held_upload import Chunk
from entrepot.registry.promise import Promises
from entrepot.registry.reclaim import Reclaim
from tests.builders.core import EVERYBODY
from tests.builders.core import RunningCore
from tests.builders.core import body_of
from tests.builders.manifests import BuiltManifest
from tests.builders.manifests import a_descriptor
from tests.builders.manifests import an_image_manifest
from tests.builders.manifests import an_index
from tests.collection.broken import put_under_digest

CONTENTS = [f"what blob {number} holds".encode() * 9 for number in range(48)]
SHARED = [RepositoryName("team/app")]
ROUGH = RepositoryName("rough/app")
"""Where leases promise nothing: blobs are deleted there, and artifacts freed at once."""

MOST_LIVE = 1
MOST_BINS = 3
MOST_TRIES = 40


@dataclass(slots=True)
class Artifact:
    """A manifest that was acknowledged."""

    built: BuiltManifest
    repository: RepositoryName
    blobs: Sequence[bytes]
    parent: Digest | None = None
    """The index that was pushed before it and waits for it."""


@dataclass(slots=True)
class Record:
    """What clients did and found. `live` are what they pushed and did not delete."""

    counts: Counter[str] = field(default_factory=Counter)
    bad: list[str] = field(default_factory=list)
    live: list[Artifact] = field(default_factory=list)


class Client:
    """One of many. It alone deletes and restores what it pushed, so it knows what must be there."""

    def __init__(self, running: RunningCore, seed: int, *, keys_by_digest: bool = False) -> None:
        self.running = running
        self.seed = seed
        self.dice = random.Random(seed)
        self.record = Record()
        self.live: dict[Digest, Artifact] = {}
        self.bins: list[dict[Digest, Artifact]] = []
        """What each deletion took."""
        self._keys_by_digest = keys_by_digest
        steps = Reclaim(running.core, lambda: 0)
        self._promises = Promises(running.core, running.delete, steps, lambda: 0)
        self._number = 0

    async def run(self, until: float) -> Record:
        """Do one thing after the other until that moment."""
        acts: list[Callable[[], Awaitable[None]]] = [
            self.push_image,
            self.push_image,
            self.push_index,
            self.push_referrer,
            self.delete,
            self.restore,
            self.push_again,
            self.read,
            self.free_now,
            self.be_rough,
        ]
        while time.time() < until:
            act = self.delete if len(self.live) > MOST_LIVE else self.dice.choice(acts)
            try:
                await act()
            except DatabaseUnavailable:
                self.record.counts["database busy"] += 1
            except DBAPIError as error:
                if sqlstate(error) not in CONFLICTS:
                    raise
                self.record.counts["given up after conflicts"] += 1
            except AppError as error:
                self.record.bad.append(f"{act.__name__} was refused: {error.code}: {error}")
        self.record.live = list(self.live.values())
        return self.record

    async def push_image(self) -> None:
        """Push an image, with or without a tag that others move."""
        tags = [TagName(self.dice.choice(["latest", "1.0"]))] if self.dice.random() < 0.3 else []
        await self._push(self._image(self.dice.choice([*SHARED, ROUGH])), tags)

    async def push_index(self) -> None:
        """Push an index, and a child of it afterwards."""
        child = self._image(self.dice.choice(SHARED))
        index = an_index(child.built.descriptor(), annotations=self._name())
        child.parent = index.digest
        if await self._push(Artifact(index, child.repository, [])):
            await self._push(child)

    async def push_referrer(self) -> None:
        """Push something about an image that is there."""
        for subject in self._some(self.live):
            await self._push(self._image(subject.repository, subject=subject.built.descriptor()))

    async def delete(self) -> None:
        """Delete an artifact with its referrers."""
        for artifact in self._some(self.live):
            try:
                deleted = await self.running.delete.manifest(EVERYBODY, artifact.repository, artifact.built.digest)
            except ManifestUnknown:
                self._bad("was gone before it was deleted", artifact)
                del self.live[artifact.built.digest]
                return
            self.bins.append({digest: self.live.pop(digest) for digest in deleted.digests if digest in self.live})
            self._let_go_of_children()
            self.record.counts["deletions"] += 1

    async def restore(self) -> None:
        """Restore what one deletion took, or find that it has been purged."""
        for binned in self._a_bin():
            for artifact in self._some(binned):
                must_be_there = artifact.parent in self.live
                try:
                    restored = await self.running.undelete.restore_manifest(
                        EVERYBODY, artifact.repository, artifact.built.digest
                    )
                except ManifestUnknown:
                    if must_be_there:
                        self._bad("was purged under its index", artifact)
                    return
                self.record.counts["restorations"] += 1
                back = {digest: binned[digest] for digest in restored.digests if digest in binned}
                await self._are_live(back, "after its restoration")

    async def push_again(self) -> None:
        """Push what is in the bin, or was purged; what was deleted with it comes back unless it was purged."""
        for binned in self._a_bin():
            for artifact in self._some(binned):
                if await self._push(artifact):
                    others = [each for each in binned.values() if each is not artifact]
                    back = {each.built.digest: each for each in others if await self._has_manifest(each)}
                    await self._are_live(back, "with what was pushed again")

    async def read(self) -> None:
        """Read an artifact."""
        for artifact in self._some(self.live):
            self.record.counts["reads"] += 1
            await self.check(artifact, "while it was live")

    async def free_now(self) -> None:
        """Ask what deleting would free; where things are rough, free it at once."""
        for artifact in self._some(self.live):
            place = (artifact.repository, artifact.built.digest)
            await self._promises.preview(EVERYBODY, *place)
            self.record.counts["rehearsals"] += 1
            if artifact.repository == ROUGH:
                freed = await self._promises.free_now(EVERYBODY, *place)
                self.record.counts["freed at once"] += 1
                for digest in freed.digests:
                    self.live.pop(digest, None)

    async def be_rough(self) -> None:
        """Delete a blob, leave an upload behind, delete a tag."""
        uploads, what = self.running.uploads, self.dice.random()
        with suppress(BlobUnknown, Unsupported, ManifestUnknown, NameUnknown):
            if what < 0.3:
                session = await uploads.start(EVERYBODY, ROUGH)
                await uploads.append(ROUGH, session.id, Chunk(body_of(b"half a blob")))
            elif what < 0.7:
                await self.running.delete.blob(EVERYBODY, ROUGH, digest_of(self.dice.choice(CONTENTS)))
            else:
                await self.running.delete.tag(EVERYBODY, self.dice.choice(SHARED), TagName("latest"))

    async def check(self, artifact: Artifact, when: str) -> None:
        """Pull an artifact with all its blobs, byte-exact."""
        try:
            pulled = await self.running.pull.manifest(
                EVERYBODY, artifact.repository, artifact.built.digest, is_head=False
            )
            is_whole = pulled.payload == artifact.built.payload
            for content in artifact.blobs:
                is_whole &= await self.running.get_blob(digest_of(content), artifact.repository) == content
        except DatabaseUnavailable:
            raise
        except AppError as error:
            self._bad(f"could not be pulled {when}: {error.code}", artifact)
        else:
            if not is_whole:
                self._bad(f"was pulled with other bytes {when}", artifact)

    async def _push(self, artifact: Artifact, tags: Sequence[TagName] = ()) -> bool:
        """Push blobs and manifest, over again while the registry says that blobs are unknown; then pull it all."""
        for _ in range(MOST_TRIES):
            promised_until = self.running.clock() + min(self.running.core.settings.lease_hours, 12) * HOUR_MS
            for content in artifact.blobs:
                await self._bring(content, artifact.repository)
            await asyncio.sleep(self.dice.choice([0, 0, 0.05]))
            try:
                await self.running.put_manifest(artifact.built, *tags, repository=artifact.repository)
            except ManifestBlobUnknown:
                self.record.counts["pushes refused for a blob"] += 1
                if artifact.repository != ROUGH and self.running.clock() < promised_until:
                    self._bad("lost a blob that a lease promised", artifact)
                continue
            self.record.counts["pushes"] += 1
            await self._are_live({artifact.built.digest: artifact}, "right after its push")
            return True
        self.record.counts["pushes given up"] += 1
        return False

    async def _bring(self, content: bytes, repository: RepositoryName) -> None:
        """Make sure of a blob: by asking for it, by mounting it or by sending it."""
        way, digest = self.dice.random(), digest_of(content)
        if way < 0.5:
            with suppress(BlobUnknown):
                found = await self.running.pull.blob(EVERYBODY, repository, digest)
                assert found.linked is not None
                await self.running.pull.keep_for_push(EVERYBODY, found.linked)
                self.record.counts["blobs found"] += 1
                return
        if way < 0.8 and await self.running.mounts.mount(EVERYBODY, repository, digest, None):
            self.record.counts["blobs mounted"] += 1
        elif self._keys_by_digest:
            await put_under_digest(self.running, content, repository)
        else:
            await self.running.put_blob(content, repository)
            self.record.counts["blobs sent"] += 1

    async def _are_live(self, artifacts: dict[Digest, Artifact], when: str) -> None:
        self.live |= artifacts
        for artifact in artifacts.values():
            await self.check(artifact, when)

    async def _has_manifest(self, artifact: Artifact) -> bool:
        with suppress(ManifestUnknown):
            await self.running.pull.manifest(EVERYBODY, artifact.repository, artifact.built.digest, is_head=True)
            return True
        return False

    def _let_go_of_children(self) -> None:
        """Expect nothing any more of what is in the bin without its index: that comes back without what was purged."""
        for binned in self.bins:
            for artifact in binned.values():
                if artifact.parent not in self.live:
                    artifact.parent = None

    def _image(self, repository: RepositoryName, **fields: Any) -> Artifact:
        blobs = self.dice.sample(CONTENTS, 2)
        config, layer = a_descriptor(blobs[0], OCI_CONFIG), a_descriptor(blobs[1])
        built = an_image_manifest(config=config, layers=[layer], annotations=self._name(), **fields)
        return Artifact(built, repository, blobs)

    def _name(self) -> dict[str, str]:
        self._number += 1
        return {"number": f"{self.seed}-{self._number}"}

    def _some(self, artifacts: dict[Digest, Artifact]) -> list[Artifact]:
        """Choose one, if there is any."""
        return [self.dice.choice(list(artifacts.values()))] if artifacts else []

    def _a_bin(self) -> list[dict[Digest, Artifact]]:
        """Take one of the latest deletions, if there is any."""
        del self.bins[:-MOST_BINS]
        return [self.bins.pop(self.dice.randrange(len(self.bins)))] if self.bins else []

    def _bad(self, what: str, artifact: Artifact) -> None:
        self.record.bad.append(f"{artifact.repository}@{artifact.built.digest} {what}")
