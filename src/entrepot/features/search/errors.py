# SPDX-License-Identifier: Apache-2.0
"""What search refuses."""

from entrepot.kernel.errors import Conflict
from entrepot.kernel.errors import InvalidRequest
from entrepot.kernel.errors import NotFound


class QueryInvalid(InvalidRequest):
    """A query cannot be understood; the message names the part, the hint what is allowed there."""

    code = "search_query_invalid"
    default_hint = "Plain words and qualifiers such as type:image, separated by spaces: docs/how-to/search.md."


class SavedQueryInvalid(InvalidRequest):
    """A query cannot be kept under this name."""

    code = "search_saved_invalid"
    default_hint = "A name has 1 to 64 characters: letters, digits, spaces and . _ -"


class SavedQueryUnknown(NotFound):
    """There is no such saved query."""

    code = "search_saved_unknown"
    default_hint = "entrepot search --saved-list shows yours, and those that are shared with you."


class TooManySavedQueries(Conflict):
    """Somebody has as many saved queries as one may have."""

    code = "search_too_many_saved"
    default_hint = "Delete one first: entrepot search --forget NAME."
