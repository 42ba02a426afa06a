# SPDX-License-Identifier: Apache-2.0
"""What can be wrong with a project."""

from entrepot.kernel.errors import Conflict
from entrepot.kernel.errors import InvalidRequest
from entrepot.kernel.errors import NotFound


class ProjectNameInvalid(InvalidRequest):
    """The project name is not valid."""

    code = "project_name_invalid"
    default_hint = (
        "A project name is made of lower-case letters and digits, "
        "with one '.', one or two '_' or any number of '-' between them."
    )


class ProjectUnknown(NotFound):
    """There is no such project, or you may not see it."""

    code = "project_unknown"


class ProjectExists(Conflict):
    """The project exists already."""

    code = "project_exists"


class ProjectNotEmpty(Conflict):
    """Repositories of the project still hold artifacts."""

    code = "project_not_empty"
    default_hint = "Delete their artifacts first, each with DELETE /v2/<repository>/manifests/<digest>."
