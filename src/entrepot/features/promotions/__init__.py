# SPDX-License-Identifier: Apache-2.0
"""Promotions: artifacts brought along a path from one project to another once the people named there have approved.

A path gives nobody a right that they do not have: what is copied is copied by `copies`, in the name of whoever approved
last. See docs/how-to/promotions.md.
"""

from entrepot.features.promotions.ending import forget_promotions
from entrepot.features.promotions.models import Promotion
from entrepot.features.promotions.models import PromotionState

__all__ = ["Promotion", "PromotionState", "forget_promotions"]
