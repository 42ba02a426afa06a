# SPDX-License-Identifier: Apache-2.0
"""A Blob Storage of Azure, as far as storages use it, that verifies by itself who asks."""
