# SPDX-License-Identifier: Apache-2.0
"""The OCI vocabulary: digests, references, descriptors, manifests, media types and error codes. No I/O."""
