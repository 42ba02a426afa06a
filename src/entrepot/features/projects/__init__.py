# SPDX-License-Identifier: Apache-2.0
"""Projects: the first segments of repository names, and who may see what is in them.

A project is made by an administrator, or by the first push into it. A public one
can be pulled from by everybody. Who may do more is decided by `access`. See
docs/how-to/projects.md.
"""

from entrepot.features.projects.errors import ProjectUnknown
from entrepot.features.projects.founding import Founding
from entrepot.features.projects.founding import Lifetime
from entrepot.features.projects.founding import Start
from entrepot.features.projects.models import ProjectName
from entrepot.features.projects.models import Visibility
from entrepot.features.projects.models import parse_project_name
from entrepot.features.projects.rights import ProjectRights
from entrepot.features.projects.service import Projects
from entrepot.features.projects.service import require_existing
from entrepot.features.projects.store import count_projects
from entrepot.features.projects.store import open_projects
from entrepot.features.projects.store import visibility_of
from entrepot.features.projects.visibility import OPEN_TO_ACCOUNTS
from entrepot.features.projects.visibility import OPEN_TO_ALL
from entrepot.features.projects.visibility import ProjectVisibility

__all__ = [
    "OPEN_TO_ACCOUNTS",
    "OPEN_TO_ALL",
    "Founding",
    "Lifetime",
    "ProjectName",
    "ProjectRights",
    "ProjectUnknown",
    "ProjectVisibility",
    "Projects",
    "Start",
    "Visibility",
    "count_projects",
    "open_projects",
    "parse_project_name",
    "require_existing",
    "visibility_of",
]
