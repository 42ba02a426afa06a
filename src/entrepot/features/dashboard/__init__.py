# SPDX-License-Identifier: Apache-2.0
"""The first page: what the registry holds, what happened lately, what is pulled most, and whether all is well.

Each part shows only what its reader may see now. See docs/how-to/dashboard.md.
"""
