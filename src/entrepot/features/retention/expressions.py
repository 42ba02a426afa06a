# SPDX-License-Identifier: Apache-2.0
"""Regular expressions of strangers, by RE2: in time linear in what is looked at, whatever the expression."""

from functools import lru_cache
from typing import Any

import re2

from entrepot.features.retention.errors import RetentionRuleInvalid

MAX_MEMORY_BYTES = 1024 * 1024

_options = re2.Options()
_options.max_mem = MAX_MEMORY_BYTES
_options.log_errors = False


@lru_cache(maxsize=256)
def compile_expression(expression: str) -> Any:
    """Return an expression that has `fullmatch`. Raises `RetentionRuleInvalid`."""
    try:
        return re2.compile(expression, options=_options)
    except re2.error as error:
        raise RetentionRuleInvalid(
            f"{expression[:64]!r} is no regular expression",
            hint="It is written as RE2 has it: no look-around and no back-references.",
        ) from error
