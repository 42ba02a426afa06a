# SPDX-License-Identifier: Apache-2.0
"""Quotas: how much projects, and those who push, may store; counted in the background, minded before anything is kept.

What is counted is what is there: each blob of a project once, manifests, repositories and tags, but nothing of the bin.
See docs/how-to/quotas.md.
"""

from entrepot.features.quotas.models import Subject
from entrepot.features.quotas.models import of_project
from entrepot.features.quotas.service import forget_quota

__all__ = ["Subject", "forget_quota", "of_project"]
