# SPDX-License-Identifier: Apache-2.0
"""Copies: artifacts brought into another repository of the registry, and what is said about them later, too.

What is copied, and how, is `registry.copying`; here it is asked for, done in the background, watched and followed. See
docs/how-to/copies.md.
"""

from entrepot.features.copies.models import Asker
from entrepot.features.copies.models import Copy
from entrepot.features.copies.models import CopyState
from entrepot.features.copies.models import Wish
from entrepot.features.copies.models import asker_of
from entrepot.features.copies.service import Copies

__all__ = ["Asker", "Copies", "Copy", "CopyState", "Wish", "asker_of"]
