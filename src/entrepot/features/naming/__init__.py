# SPDX-License-Identifier: Apache-2.0
"""Naming: what new repositories and tags are called in a part of the registry, and which artifacts are pushed there.

Rules are of the registry or of a project, and all that are about a repository count. See docs/how-to/naming.md.
"""

from entrepot.features.naming.service import forget_naming

__all__ = ["forget_naming"]
