# SPDX-License-Identifier: Apache-2.0
"""Copies: artifacts brought into another repository of the registry, and what is said about them later, too.

What is copied, and how, is `registry.copying`; here it is asked for, done in the background, watched and followed. See
docs/how-to/copies.md.
"""

from entrepot.features.copies.errors import TooManyCopies
from entrepot.features.copies.models import FOLLOWED_HOURS
from entrepot.features.copies.models import MAX_FOLLOWED_HOURS
from entrepot.features.copies.models import Asker
from entrepot.features.copies.models import Copy
from entrepot.features.copies.models import CopyState
from entrepot.features.copies.models import Item
from entrepot.features.copies.models import Wish
from entrepot.features.copies.models import asker_of
from entrepot.features.copies.service import Copies
from entrepot.features.copies.service import begin
from entrepot.features.copies.store import find as find_copy

__all__ = [
    "FOLLOWED_HOURS",
    "MAX_FOLLOWED_HOURS",
    "Asker",
    "Copies",
    "Copy",
    "CopyState",
    "Item",
    "TooManyCopies",
    "Wish",
    "asker_of",
    "begin",
    "find_copy",
]
