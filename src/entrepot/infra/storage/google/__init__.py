# SPDX-License-Identifier: Apache-2.0
"""Objects in a bucket of Google Cloud Storage. See docs/how-to/google.md; what is above the requests is in `s3`."""
