# SPDX-License-Identifier: Apache-2.0
"""Which artifacts and tags are kept, and which are thrown away, by rules. See docs/how-to/retention.md."""
