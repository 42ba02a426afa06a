# SPDX-License-Identifier: Apache-2.0
"""Every value a tag ever had, and the way back to any of them.

The core writes the history with every move of a tag and keeps what was deleted
in the bin; this feature shows the history and restores from it. See
docs/how-to/history.md.
"""
