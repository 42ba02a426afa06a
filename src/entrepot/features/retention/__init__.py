# SPDX-License-Identifier: Apache-2.0
"""Which artifacts and tags are kept, and which are thrown away, by rules. See docs/how-to/retention.md."""

from entrepot.features.retention.presets import begin_with_one_rule
from entrepot.features.retention.presets import forget_retention

__all__ = ["begin_with_one_rule", "forget_retention"]
