# SPDX-License-Identifier: Apache-2.0
"""What people name content with, `team/app:1.0` and `team/app@sha256:…`, on a server."""

from dataclasses import dataclass

from entrepot.infra.remote.client import Client
from entrepot.kernel.errors import InvalidRequest
from entrepot.kernel.errors import NotFound
from entrepot.oci.digest import Digest
from entrepot.oci.digest import parse_digest
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import TagName
from entrepot.oci.reference import parse_repository_name
from entrepot.oci.reference import parse_tag


@dataclass(frozen=True, slots=True)
class Reference:
    """A repository, and a tag or a digest in it."""

    repository: RepositoryName
    tag: TagName | None = None
    digest: Digest | None = None

    def require_tag(self) -> "Reference":
        """Return this if it names a tag. Raises `InvalidRequest`."""
        if self.tag is None:
            raise InvalidRequest(f"{self.repository}@{self.digest} names no tag", hint="Write it like team/app:1.0.")
        return self

    def require_digest(self) -> "Reference":
        """Return this if it names a digest. Raises `InvalidRequest`."""
        if self.digest is None:
            hint = "Write it like team/app@sha256:…; entrepot tag list shows the digests."
            raise InvalidRequest(f"{self.repository}:{self.tag} names no digest", hint=hint)
        return self


def parse_content_reference(text: str) -> Reference:
    """Read `repository:tag` or `repository@digest`.

    Raises `InvalidRequest`, `NameInvalid`, `TagInvalid` and `DigestInvalid`.
    """
    host, slash, rest = text.partition("/")
    if slash and ":" in host:
        hint = f"Leave it out, and write {rest[:200]!r}; --server names another server."
        raise InvalidRequest(f"{text[:200]!r} begins with the address of a server", hint=hint)
    name, at, digest = text.partition("@")
    if at:
        return Reference(parse_repository_name(name), digest=parse_digest(digest))
    name, colon, tag = text.rpartition(":")
    if not colon:
        raise InvalidRequest(
            f"{text[:200]!r} names neither a tag nor a digest", hint="Write it like team/app:1.0 or team/app@sha256:…"
        )
    return Reference(parse_repository_name(name), tag=parse_tag(tag))


def tag_path(reference: Reference) -> str:
    """Return where the management API has a tag."""
    return f"repositories/{reference.repository}/-/tags/{reference.tag}"


def digest_of(client: Client, reference: Reference) -> Digest:
    """Return the digest that a reference names, asking what its tag points at. Raises as `Client`, and `NotFound`."""
    if reference.digest is not None:
        return reference.digest
    newest = client.items(f"{tag_path(reference)}/history", limit=1)
    digest = newest[0]["digest"] if newest else None
    if digest is None:
        hint = "entrepot tag list shows the tags there are, entrepot tag history what a deleted one pointed at."
        raise NotFound(f"{reference.repository} has no tag {reference.tag}", hint=hint)
    return parse_digest(digest)
