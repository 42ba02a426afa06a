# SPDX-License-Identifier: Apache-2.0
"""Manifests: end-3, end-7, end-9."""

import asyncio

from entrepot.infra.http.request import BodyTooLarge
from entrepot.infra.http.request import Request
from entrepot.infra.http.response import Response
from entrepot.infra.http.response import header_list
from entrepot.kernel.access import Action
from entrepot.oci.digest import Digest
from entrepot.oci.digest import algorithm_of
from entrepot.oci.digest import digest_of
from entrepot.oci.digest import is_ordinary_tag
from entrepot.oci.digest import parse_digest
from entrepot.oci.errors import DigestInvalid
from entrepot.oci.errors import ManifestInvalid
from entrepot.oci.errors import ManifestTooLarge
from entrepot.oci.errors import ManifestUnknown
from entrepot.oci.errors import TagInvalid
from entrepot.oci.manifest import MAX_MANIFEST_BYTES
from entrepot.oci.manifest import Manifest
from entrepot.oci.manifest import parse_manifest
from entrepot.oci.reference import TagName
from entrepot.oci.reference import parse_reference
from entrepot.oci.reference import parse_tag
from entrepot.registry.delete import Delete
from entrepot.registry.http.exchange import Exchange
from entrepot.registry.http.exchange import Guard
from entrepot.registry.http.headers import warning_headers
from entrepot.registry.pull import Pull
from entrepot.registry.push import ManifestPush
from entrepot.registry.push import Push
from entrepot.registry.rights import rights_to_store

PARSED_INLINE_BYTES = 64 * 1024
"""A larger manifest is parsed in a thread: the worst takes a few hundred milliseconds."""


class Manifests:
    """The manifest endpoints."""

    def __init__(self, guard: Guard, pull: Pull, push: Push, delete: Delete, *, max_tags: int) -> None:
        self._guard = guard
        self._pull = pull
        self._push = push
        self._delete = delete
        self._max_tags = max_tags

    async def get(self, exchange: Exchange) -> Response:
        """Answer GET and HEAD with the manifest as it was pushed, whatever `Accept` says."""
        request = exchange.request
        name = await self._guard.require(exchange, Action.PULL)
        reference = _reference_to_read(exchange.route.reference)
        is_head = request.method == "HEAD"
        found = await self._pull.manifest(exchange.caller, name, reference, is_head=is_head)
        digest = found.digest.encode()
        headers = [
            (b"content-type", found.media_type.encode()),
            (b"docker-content-digest", digest),
            (b"etag", b'"' + digest + b'"'),
        ]
        if found.warnings:
            headers += warning_headers(found.warnings)
        if is_known(request, found.digest):
            return Response(304, headers)
        return Response(200, headers, found.payload or b"", found.size)

    async def put(self, exchange: Exchange) -> Response:
        """Take a manifest under a tag, or under its digest with any number of `tag` parameters."""
        request = exchange.request
        name = await self._guard.require_storing(exchange)
        reference = parse_reference(exchange.route.reference)
        asked_tags = self._asked_tags(request)
        try:
            payload = await request.body(MAX_MANIFEST_BYTES)
        except BodyTooLarge as error:
            raise ManifestTooLarge(error.message) from error
        digest = _checked_digest(request, reference, payload)
        manifest = await _parsed(payload, request.single_header(b"content-type"))
        tags = asked_tags if ":" in reference else [TagName(reference), *asked_tags]
        for action in rights_to_store(manifest, tags):
            await self._guard.require(exchange, action)
        await self._guard.require_tags(exchange, Action.TAG, filter(is_ordinary_tag, tags))
        push = ManifestPush(name, digest, payload, manifest, tags)
        warnings = await self._push.manifest(exchange.caller, push)
        headers = [("location", f"/v2/{name}/manifests/{digest}"), ("docker-content-digest", digest)]
        if manifest.subject is not None:
            headers.append(("oci-subject", manifest.subject.digest))
        headers += [("oci-tag", tag) for tag in asked_tags]
        return Response(201, header_list(headers) + warning_headers(warnings))

    async def delete(self, exchange: Exchange) -> Response:
        """Delete a tag, or a manifest with all its tags."""
        reach = await self._guard.tags(exchange, Action.DELETE)
        name, reference = exchange.name, parse_reference(exchange.route.reference)
        if ":" in reference:
            deleted = await self._delete.manifest(exchange.caller, name, Digest(reference), reach)
        else:
            await self._guard.require_tags(exchange, Action.DELETE, [TagName(reference)])
            deleted = await self._delete.tag(exchange.caller, name, TagName(reference))
        return Response(202, warning_headers(deleted.warnings))

    def _asked_tags(self, request: Request) -> list[TagName]:
        tags = [parse_tag(tag) for tag in dict.fromkeys(request.parameters("tag"))]
        if len(tags) > self._max_tags:
            raise ManifestInvalid(
                f"{len(tags)} tags in one push; at most {self._max_tags} are accepted",
                hint="Push the manifest once more with the remaining tags.",
            )
        return tags


def is_known(request: Request, digest: Digest) -> bool:
    """Tell whether the client has this content already (`If-None-Match`)."""
    known = request.header(b"if-none-match")
    return known is not None and (known.strip() == "*" or f'"{digest}"' in known)


def _reference_to_read(text: str) -> Digest | TagName:
    """Read a tag or a digest; text that can be no tag names nothing that is here."""
    try:
        return parse_reference(text)
    except TagInvalid as error:
        raise ManifestUnknown(hint=error.message) from error


async def _parsed(payload: bytes, content_type: str | None) -> Manifest:
    if len(payload) <= PARSED_INLINE_BYTES:
        return parse_manifest(payload, content_type)
    return await asyncio.to_thread(parse_manifest, payload, content_type)


def _checked_digest(request: Request, reference: Digest | TagName, payload: bytes) -> Digest:
    """Return the digest the manifest is stored under, after comparing it with the one announced."""
    asked = request.parameter("digest")
    announced = Digest(reference) if ":" in reference else parse_digest(asked) if asked else None
    actual = digest_of(payload, algorithm_of(announced) if announced else "sha256")
    if announced is not None and actual != announced:
        raise DigestInvalid(f"the content is {actual}, not {announced}")
    return actual
