# SPDX-License-Identifier: Apache-2.0
"""A repository of a registry as what is copied from, and to."""

import json
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager

from entrepot.infra.distribution.content import Fetched
from entrepot.infra.distribution.content import Opened
from entrepot.infra.distribution.content import Outcome
from entrepot.infra.distribution.content import Source
from entrepot.infra.distribution.content import Target
from entrepot.infra.distribution.errors import ContentMissing
from entrepot.infra.distribution.errors import ContentWrong
from entrepot.infra.distribution.flow import Flow
from entrepot.infra.distribution.notes import UploadNotes
from entrepot.infra.distribution.repository import Repository
from entrepot.infra.distribution.uploading import Habits
from entrepot.infra.distribution.uploading import Upload
from entrepot.oci.descriptor import Descriptor
from entrepot.oci.digest import Digest
from entrepot.oci.digest import digest_of
from entrepot.oci.digest import referrers_tag
from entrepot.oci.document import parse_object
from entrepot.oci.media_types import OCI_INDEX
from entrepot.oci.media_types import is_index
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import TagName
from entrepot.oci.reference import parse_tag


class RegistrySource(Source):
    """A repository that is copied from."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository

    async def manifest(self, reference: Digest | TagName) -> Fetched:
        """See `Source`."""
        return await self._repository.manifest(reference)

    def blob(self, descriptor: Descriptor, start: int, end: int) -> AbstractAsyncContextManager[Opened]:
        """See `Source`."""
        return self._repository.blob(descriptor, start, end)

    async def referrers(self, subject: Digest) -> Sequence[Descriptor]:
        """See `Source`."""
        return await self._repository.referrers(subject)

    async def tags(self) -> Sequence[TagName]:
        """See `Source`."""
        return await self._repository.tags()

    @property
    def mountable(self) -> tuple[str, RepositoryName] | None:
        """See `Source`."""
        return self._repository.session.origin.origin, self._repository.name

    async def close(self) -> None:
        """See `Source`. The connections are whoever's who made them."""


class RegistryTarget(Target):
    """A repository that is copied to."""

    def __init__(self, repository: Repository, notes: UploadNotes) -> None:
        self._repository = repository
        self._notes = notes
        self._habits = Habits()

    async def has_manifest(self, digest: Digest) -> bool:
        """See `Target`."""
        return await self._repository.manifest_digest(digest) == digest

    async def has_blob(self, descriptor: Descriptor) -> bool:
        """See `Target`. One of another size is not there: it gets another chance."""
        return await self._repository.blob_size(descriptor.digest) in (descriptor.size, -1)

    async def put_blob(self, descriptor: Descriptor, source: Source, flow: Flow) -> Outcome:
        """See `Target`."""
        if await self.has_blob(descriptor):
            flow.tally.reached(descriptor.digest, descriptor.size)
            return Outcome.THERE
        upload = Upload(self._repository, descriptor, source, flow, self._notes, self._habits)
        outcome = await upload.run()
        if not await self.has_blob(descriptor):
            origin = self._repository.session.origin.origin
            raise ContentWrong(f"{origin} took {descriptor.digest}, and does not have it with its size")
        flow.tally.reached(descriptor.digest, descriptor.size)
        return outcome

    async def put_manifest(self, fetched: Fetched, tag: TagName | None = None) -> None:
        """See `Target`. Where the registry does not list referrers itself, it is listed in the tag that does."""
        answer = await self._repository.put_manifest(fetched, fetched.digest if tag is None else tag)
        subject = fetched.manifest.subject
        if subject is not None and "oci-subject" not in answer.headers:
            await self._list_referrer(fetched, subject.digest)

    async def finish(self) -> None:
        """See `Target`. Everything is visible already."""

    async def close(self) -> None:
        """See `Target`. The connections are whoever's who made them."""

    async def _list_referrer(self, fetched: Fetched, subject: Digest) -> None:
        """Add a referrer to the index that stands for the referrers API (distribution-spec, "Referrers Tag Schema")."""
        tag = parse_tag(referrers_tag(subject))
        listed: list[object] = []
        try:
            known = await self._repository.manifest(tag)
            if is_index(known.media_type):
                manifests = parse_object(known.payload).get("manifests")
                listed = manifests if isinstance(manifests, list) else []
        except ContentMissing:
            pass
        if any(isinstance(each, dict) and each.get("digest") == fetched.digest for each in listed):
            return
        own = fetched.manifest.referrer_descriptor(fetched.digest, len(fetched.payload))
        document = {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [*listed, own]}
        payload = json.dumps(document).encode()
        await self._repository.put_manifest(Fetched(payload, OCI_INDEX, digest_of(payload)), tag)
