# SPDX-License-Identifier: Apache-2.0
"""Objects in a container of Azure Blob Storage. See docs/how-to/azure.md; what is above the requests is in `s3`."""
