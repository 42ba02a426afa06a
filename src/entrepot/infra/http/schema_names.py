# SPDX-License-Identifier: Apache-2.0
"""Names of schemas in the OpenAPI document that people can write: two of one name are told apart by their package."""

import re
from typing import Any

_QUALIFIED = re.compile(
    r"entrepot__(?:features__|infra__)?(?P<package>[a-z0-9_]+?)__(?:[a-z0-9_]+__)*(?P<name>[A-Z]\w*)"
)
_REFERENCE = "#/components/schemas/"


def with_short_names(document: dict[str, Any]) -> dict[str, Any]:
    """Return the document with names such as `QuotasOrder` for those that FastAPI makes from whole modules.

    A name that is taken stays as it was.
    """
    schemas = document.get("components", {}).get("schemas", {})
    taken, names = set(schemas), {}
    for name in schemas:
        short = _short(name)
        if short not in taken:
            taken.add(short)
            names[name] = short
    renamed: dict[str, Any] = _renamed(
        document, {f"{_REFERENCE}{old}": f"{_REFERENCE}{new}" for old, new in names.items()}
    )
    if names:
        parts = renamed["components"]["schemas"]
        renamed["components"]["schemas"] = dict(sorted((names.get(name, name), parts[name]) for name in parts))
    return renamed


def _short(name: str) -> str:
    found = _QUALIFIED.fullmatch(name)
    if found is None:
        return name
    return "".join(word.capitalize() for word in found["package"].split("_")) + found["name"]


def _renamed(part: Any, references: dict[str, str]) -> Any:
    if isinstance(part, dict):
        return {key: _renamed(value, references) for key, value in part.items()}
    if isinstance(part, list):
        return [_renamed(each, references) for each in part]
    return references.get(part, part) if isinstance(part, str) else part
