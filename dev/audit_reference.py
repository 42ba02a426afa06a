# SPDX-License-Identifier: Apache-2.0
"""The table of types of audit records, as the code says it."""

from itertools import groupby

from entrepot.features.audit import TYPES


def audit_reference() -> str:
    """Return the types, a row for each noun."""
    lines = ["| about | types |", "|---|---|"]
    for noun, types in groupby(TYPES, key=lambda type_: type_.partition(".")[0]):
        lines.append(f"| {noun} | {', '.join(f'`{type_}`' for type_ in types)} |")
    return "\n".join(lines)
