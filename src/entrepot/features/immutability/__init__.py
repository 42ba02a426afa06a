# SPDX-License-Identifier: Apache-2.0
"""Immutability: rules by which tags are neither moved nor deleted, in order, for the registry and for projects.

The registry asks at every place where a tag is set, moved or deleted. See docs/how-to/immutability.md.
"""

from entrepot.features.immutability.kept import kept_tags
from entrepot.features.immutability.service import forget_project

__all__ = ["forget_project", "kept_tags"]
