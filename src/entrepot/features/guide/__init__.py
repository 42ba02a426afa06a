# SPDX-License-Identifier: Apache-2.0
"""What a client has to know before it can use this registry: its address, how it is trusted, and what it offers.

Whoever is not logged in is told too. See docs/how-to/guide.md.
"""

from entrepot.features.guide.models import Offer

__all__ = ["Offer"]
