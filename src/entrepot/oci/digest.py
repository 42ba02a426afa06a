# SPDX-License-Identifier: Apache-2.0
"""Digests: content addresses such as `sha256:e3b0…` (image-spec, "Digests"), and the tags derived from them."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import NewType

from entrepot.oci.errors import DigestInvalid

Digest = NewType("Digest", str)
"""`<algorithm>:<lower-case hex>`, checked by `parse_digest` or made by `digest_of`."""

ALGORITHMS: Mapping[str, int] = MappingProxyType({"sha256": 64, "sha512": 128})
"""The algorithms supported, with the number of hex characters each encodes to.

The image specification registers sha256 (required) and sha512 (optional).
"""

_GRAMMAR = re.compile("sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}")
_SUBJECT_TAG = re.compile(r"(sha256|sha512)-([0-9a-f]{64})(?:\.([a-zA-Z0-9._-]+))?")

_TAG_ENCODED_CHARACTERS = 64
_SHOWN_CHARACTERS = 160
_HINT = f"Supported are {' and '.join(ALGORITHMS)}, written in lower-case hexadecimal."


def parse_digest(text: str) -> Digest:
    """Check that `text` is a digest of a supported algorithm, or raise `DigestInvalid` saying what is wrong."""
    if _GRAMMAR.fullmatch(text):
        return Digest(text)
    algorithm, colon, _ = text.partition(":")
    if not colon:
        raise DigestInvalid(f"{text[:_SHOWN_CHARACTERS]!r} is not a digest: it has no colon.", hint=_HINT)
    length = ALGORITHMS[parse_algorithm(algorithm)]
    raise DigestInvalid(
        f"{text[:_SHOWN_CHARACTERS]!r} is not a digest: {algorithm} takes {length} lower-case hexadecimal characters.",
        hint=_HINT,
    )


def parse_algorithm(text: str) -> str:
    """Check that `text` is a key of `ALGORITHMS`, or raise `DigestInvalid`."""
    if text not in ALGORITHMS:
        raise DigestInvalid(f"The digest algorithm {text[:_SHOWN_CHARACTERS]!r} is not supported.", hint=_HINT)
    return text


def algorithm_of(digest: Digest) -> str:
    """Return the part before the colon: a key of `ALGORITHMS`."""
    return digest.partition(":")[0]


def encoded_of(digest: Digest) -> str:
    """Return the part after the colon: lower-case hexadecimal."""
    return digest.partition(":")[2]


def digest_of(data: bytes, algorithm: str = "sha256") -> Digest:
    """Hash `data` with one of `ALGORITHMS`; any other raises `DigestInvalid`."""
    return Digest(f"{algorithm}:{hashlib.new(parse_algorithm(algorithm), data).hexdigest()}")


def referrers_tag(digest: Digest) -> str:
    """Name the tag under which clients without the referrers API list the referrers of `digest`.

    distribution-spec, "Referrers Tag Schema": the algorithm, a hyphen, and the
    encoded part cut to 64 characters. Cosign's tags are this name with a suffix such as `.sig`.
    """
    return f"{algorithm_of(digest)}-{encoded_of(digest)[:_TAG_ENCODED_CHARACTERS]}"


@dataclass(frozen=True, slots=True)
class SubjectTag:
    """What a tag such as `sha256-<hex>` or `sha256-<hex>.sig` says about the manifest that it belongs to.

    `suffix` is empty for the referrers tag schema, else what follows the dot
    (cosign writes `sig`, `att` and `sbom`). Of a sha512 digest only the first
    64 characters fit into the tag, so `digest` is None there: compare with `belongs_to`.
    """

    algorithm: str
    encoded_prefix: str
    suffix: str

    @property
    def digest(self) -> Digest | None:
        """The whole digest of the subject, when the tag tells it."""
        if len(self.encoded_prefix) != ALGORITHMS[self.algorithm]:
            return None
        return Digest(f"{self.algorithm}:{self.encoded_prefix}")

    def belongs_to(self, subject: Digest) -> bool:
        """Tell whether the tag is one of `subject`."""
        return subject.startswith(f"{self.algorithm}:{self.encoded_prefix}")


def is_ordinary_tag(tag: str) -> bool:
    """Tell whether somebody chose this tag: it is not derived from the digest of another manifest."""
    return subject_of_fallback_tag(tag) is None


def subject_of_fallback_tag(tag: str) -> SubjectTag | None:
    """Recognise a tag that is named after the digest of another manifest, or return None for an ordinary tag."""
    match = _SUBJECT_TAG.fullmatch(tag)
    if match is None:
        return None
    algorithm, encoded_prefix, suffix = match.groups(default="")
    return SubjectTag(algorithm, encoded_prefix, suffix)
