# SPDX-License-Identifier: Apache-2.0
"""What can be wrong with an import."""

from entrepot.kernel.errors import Conflict
from entrepot.kernel.errors import InvalidRequest
from entrepot.kernel.errors import NotFound


class ImportInvalid(InvalidRequest):
    """Nothing can be imported like that."""

    code = "import_invalid"
    default_hint = "docs/how-to/imports.md has what an import may say."


class ImportUnknown(NotFound):
    """There is no such import, or you may not see it."""

    code = "import_unknown"
    default_hint = "entrepot imports list shows those of the last 90 days."


class ImportNotLikeThat(Conflict):
    """The import is not in a state in which this can be done."""

    code = "import_not_like_that"


class TooManyImports(Conflict):
    """As many imports of yours wait or run as there can be."""

    code = "too_many_imports"
    default_hint = "Wait for some to end, or cancel them."
