# SPDX-License-Identifier: Apache-2.0
"""What makes one S3 unlike another."""

from dataclasses import dataclass

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Traits:
    """A kind of S3."""

    honours_conditions: bool = True
    """Whether If-None-Match and If-Match hold up what is written; else they are not looked at."""
    least_part: int = 5 * MIB
    """How many bytes every part of an upload but the last must have."""
    needs_equal_parts: bool = False
    """Whether all parts of an upload but the last must be of one size, and the last not larger."""
    completes_again: bool = False
    """Whether an upload that is complete can be completed again; else it is `NoSuchUpload`."""
    checks_digests: bool = True
    """Whether Content-MD5 and x-amz-checksum-* are compared with what came; else they are not looked at."""
    has_md5_etags: bool = True
    """Whether ETags are made of MD5; else they say nothing, as where the store encrypts with keys of its own."""
    denied: frozenset[str] = frozenset()
    """Operations that nobody may do: `AccessDenied`."""
    missing: frozenset[str] = frozenset()
    """Operations that it does not have: `NotImplemented`."""


AWS = Traits()
SMALL_PARTS = Traits(least_part=16)
"""As AWS, with parts of a size that fits a test."""
EQUAL_PARTS = Traits(least_part=16, needs_equal_parts=True)
"""As Cloudflare R2."""
UNCONDITIONAL = Traits(least_part=16, honours_conditions=False, checks_digests=False)
"""As older stores, which take what they do not know for nothing."""
NO_LIST = Traits(least_part=16, denied=frozenset(("ListObjectsV2", "ListMultipartUploads", "ListParts")))
"""As where the right to list is not given; AWS then says AccessDenied for a key that is not there."""
NO_BATCH = Traits(least_part=16, missing=frozenset(("DeleteObjects", "RestoreObject")))
"""As gateways that know single objects alone, and no archive."""
OPAQUE = Traits(least_part=16, has_md5_etags=False, completes_again=True)
"""As where the store encrypts with a key of its own."""
