# SPDX-License-Identifier: Apache-2.0
"""Templates: what new projects and repositories start with, by their names.

Declared for the registry by its administrators, and for the repositories of a project by its own. They change nothing
that is there. See docs/how-to/templates.md.
"""

from entrepot.features.templates.rights import TemplateRights
from entrepot.features.templates.starting import Starting
from entrepot.features.templates.store import remove_of_project as remove_templates_of

__all__ = ["Starting", "TemplateRights", "remove_templates_of"]
