# SPDX-License-Identifier: Apache-2.0
"""Descriptions: what a project or a repository is, in Markdown, and whom to ask about it.

`briefs_of` returns what lists show of many, `owner_of` whom to ask about a repository. See
docs/how-to/descriptions.md.
"""

from entrepot.features.descriptions.models import Brief
from entrepot.features.descriptions.models import Kind
from entrepot.features.descriptions.models import Owner
from entrepot.features.descriptions.schemas import OwnerView
from entrepot.features.descriptions.service import forget_descriptions
from entrepot.features.descriptions.store import briefs_of
from entrepot.features.descriptions.store import owner_of

__all__ = ["Brief", "Kind", "Owner", "OwnerView", "briefs_of", "forget_descriptions", "owner_of"]
