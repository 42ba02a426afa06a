# SPDX-License-Identifier: Apache-2.0
"""A Cloud Storage of Google: its XML API is the protocol of S3, with other headers, tokens and signed addresses."""
