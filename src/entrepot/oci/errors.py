# SPDX-License-Identifier: Apache-2.0
"""One class for each error code of the OCI distribution specification ("Error Codes").

Rendered as the specification's error JSON by `registry.http.errors` and as
problem+json by the management API.
"""

from entrepot.kernel.errors import AppError


class OciError(AppError):
    """The registry request failed."""

    code = "UNKNOWN"
    status = 500


class BlobUnknown(OciError):
    """The blob is not in this repository."""

    code = "BLOB_UNKNOWN"
    status = 404


class BlobUploadInvalid(OciError):
    """The upload cannot go on like this."""

    code = "BLOB_UPLOAD_INVALID"
    status = 400


class BlobUploadUnknown(OciError):
    """There is no such upload in this repository, or it has ended."""

    code = "BLOB_UPLOAD_UNKNOWN"
    status = 404
    default_hint = "Start the upload again with POST /v2/<name>/blobs/uploads/."


class RangeInvalid(OciError):
    """The chunk does not start where the upload stands."""

    code = "RANGE_INVALID"
    status = 416


class DigestInvalid(OciError):
    """The digest is malformed, of an unsupported algorithm, or does not match the content."""

    code = "DIGEST_INVALID"
    status = 400


class ManifestBlobUnknown(OciError):
    """The manifest names a blob that is not in this repository."""

    code = "MANIFEST_BLOB_UNKNOWN"
    status = 400
    default_hint = "Push the missing blobs first, then the manifest."


class ManifestInvalid(OciError):
    """The manifest is not valid."""

    code = "MANIFEST_INVALID"
    status = 400


class ManifestUnknown(OciError):
    """The manifest is not in this repository."""

    code = "MANIFEST_UNKNOWN"
    status = 404


class NameInvalid(OciError):
    """The repository name is not valid."""

    code = "NAME_INVALID"
    status = 400


class NameUnknown(OciError):
    """Repository not found, or you may not read it."""

    code = "NAME_UNKNOWN"
    status = 404


class TagInvalid(OciError):
    """The tag is not valid."""

    code = "TAG_INVALID"
    status = 400


class SizeInvalid(OciError):
    """The content is not as long as announced."""

    code = "SIZE_INVALID"
    status = 400


class ManifestTooLarge(OciError):
    """The manifest is larger than this registry accepts."""

    code = "SIZE_INVALID"
    status = 413


class BlobTooLarge(OciError):
    """The blob is larger than this registry accepts."""

    code = "SIZE_INVALID"
    status = 413


class Denied(OciError):
    """Access to the resource is denied."""

    code = "DENIED"
    status = 403


class Unsupported(OciError):
    """The operation is not supported."""

    code = "UNSUPPORTED"
    status = 405


class PaginationInvalid(OciError):
    """The page size is not a number this registry accepts."""

    code = "PAGINATION_NUMBER_INVALID"
    status = 400


class TooManyRequests(OciError):
    """Too many requests."""

    code = "TOOMANYREQUESTS"
    status = 429
