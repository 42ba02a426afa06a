# SPDX-License-Identifier: Apache-2.0
"""What can be wrong with a question about usage."""

from entrepot.kernel.errors import InvalidRequest


class UsageQueryInvalid(InvalidRequest):
    """Nobody can answer this about usage."""

    code = "usage_query_invalid"
    default_hint = "entrepot usage show --help says what can be asked."
