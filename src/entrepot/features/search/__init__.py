# SPDX-License-Identifier: Apache-2.0
"""Finding projects, repositories, tags and artifacts by a part of their name, as far as one may read them.

For whoever types and chooses: a few of each, quickly, and it is said when there may be more. See docs/how-to/search.md.
"""

from entrepot.features.search.service import Search

__all__ = ["Search"]
