# SPDX-License-Identifier: Apache-2.0
"""Objects in a bucket of S3, or of what speaks its protocol. See docs/how-to/s3.md and docs/adr/0025-s3.md."""
