# SPDX-License-Identifier: Apache-2.0
"""The endpoints of notifications: somebody's own, and those of administrators."""
