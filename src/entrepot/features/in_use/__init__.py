# SPDX-License-Identifier: Apache-2.0
"""What runs in clusters: each says so itself, and what it says no rule deletes. See docs/how-to/in-use.md."""
