# SPDX-License-Identifier: Apache-2.0
"""JSON documents that strangers wrote: read so that every reader of the same bytes sees the same thing.

Go clients match field names without regard to case and let the last of two equal
names win; other languages differ. Documents that could be read in two ways are
refused (RFC 8259 section 4, RFC 7493 section 2, and GHSA-77vh-xpmg-72qh for what happens otherwise).
"""

import json
import re
from collections.abc import Mapping

from entrepot.oci.errors import ManifestInvalid

MAX_DEPTH = 64
"""How deeply objects and arrays may be nested. Manifests and image configurations need six levels."""

MAX_MARKS = 500_000
"""Most commas and opening brackets, those in strings included: keeps decoding below some tenths of a second."""

_SURROGATE_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")
_SHOWN_CHARACTERS = 80


def parse_object(payload: bytes) -> dict[str, object]:
    """Decode `payload`, which must be a JSON object in UTF-8, or raise `ManifestInvalid` saying what is wrong.

    Refused: a byte order mark, names that occur twice in one object, NaN and
    Infinity, unpaired surrogates, nesting beyond `MAX_DEPTH`, and too many values.
    """
    if sum(payload.count(mark) for mark in (b",", b"[", b"{")) > MAX_MARKS:
        raise ManifestInvalid(f"The document has more than {MAX_MARKS} values.")
    try:
        text = payload.decode("utf-8")
        document = json.loads(text, object_pairs_hook=_object, parse_constant=_refuse_constant)
    except UnicodeDecodeError as error:
        raise ManifestInvalid(f"The document is not UTF-8: byte {error.start} is out of place.") from error
    except json.JSONDecodeError as error:
        raise ManifestInvalid(f"The document is not JSON: {error.msg} at character {error.pos}.") from error
    except RecursionError as error:
        raise _too_deep() from error
    except ValueError as error:
        raise ManifestInvalid("The document holds a number with too many digits.") from error
    if not isinstance(document, dict):
        raise ManifestInvalid("The document must be a JSON object.")
    _check_depth(document)
    if _SURROGATE_ESCAPE.search(text):
        _check_surrogates(document)
    return document


def refuse_lookalikes(value: Mapping[str, object], fields: Mapping[str, str], where: str) -> None:
    """Raise `ManifestInvalid` when a name in `value` differs from one of the fields only in case.

    `fields` is what `fields_by_fold` made; `where` names `value` in its document, empty for the whole.
    """
    for name in value:
        meant = fields.get(name.casefold(), name)
        if meant != name:
            raise ManifestInvalid(
                f"{name[:_SHOWN_CHARACTERS]!r}{' in ' + where if where else ''} differs from {meant!r} only in case; "
                "clients disagree on what it means.",
                hint=f"Write {meant!r}, or leave the field out.",
            )


def fields_by_fold(*names: str) -> Mapping[str, str]:
    """Key the names of a document's fields by their spelling without case."""
    return {name.casefold(): name for name in names}


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    document = dict(pairs)
    if len(document) != len(pairs):
        raise ManifestInvalid(
            f"The name {_first_repeated(pairs)[:_SHOWN_CHARACTERS]!r} occurs twice in one object; "
            "clients disagree on which one counts."
        )
    return document


def _first_repeated(pairs: list[tuple[str, object]]) -> str:
    seen: set[str] = set()
    for name, _ in pairs:
        if name in seen:
            return name
        seen.add(name)
    raise LookupError("no name is repeated")


def _refuse_constant(name: str) -> object:
    raise ManifestInvalid(f"The document is not JSON: {name} is not a JSON number.")


def _too_deep() -> ManifestInvalid:
    return ManifestInvalid(f"The document is nested more than {MAX_DEPTH} levels deep.")


def _check_depth(document: dict[str, object]) -> None:
    level: list[dict[str, object] | list[object]] = [document]
    for _ in range(MAX_DEPTH):
        level = [
            item
            for container in level
            for item in (container.values() if isinstance(container, dict) else container)
            if isinstance(item, dict | list)
        ]
        if not level:
            return
    raise _too_deep()


def _check_surrogates(document: dict[str, object]) -> None:
    try:
        json.dumps(document, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError as error:
        raise ManifestInvalid("The document holds an unpaired surrogate, which is not text.") from error
