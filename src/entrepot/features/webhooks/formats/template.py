# SPDX-License-Identifier: Apache-2.0
"""Own templates: text with places that are filled from the CloudEvent, and no more of a language than that.

A place is `{{ path }}`, where the path leads into the event by names and numbers: `{{ data.repository }}`,
`{{ data.uses.0 }}`. `{{ path ?? 'text' }}` says what stands there where the path leads to nothing.

Where the content type is JSON, the template is JSON, and places are filled in the texts that are its values: a text
that is nothing but a place becomes what is there, whatever its type; others become text. So what comes of it is JSON,
whatever an event holds. Every other content type takes a template of plain text.
"""

import re
from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import msgspec

from entrepot.features.events import CloudEvent
from entrepot.features.webhooks.errors import TemplateInvalid
from entrepot.features.webhooks.formats.interface import Body
from entrepot.features.webhooks.formats.interface import Rendering

MAX_CHARACTERS = 16 * 1024
MAX_PLACES = 100
MAX_DEPTH = 32
MAX_RENDERED_BYTES = 256 * 1024

_NAME = r"[A-Za-z0-9_$-]{1,64}"
_OTHERWISE = r"(?:\"([^\"{}\\]{0,200})\"|'([^'{}\\]{0,200})')"
_PLACE = re.compile(rf"\s*({_NAME}(?:\.{_NAME}){{0,9}})\s*(?:\?\?\s*{_OTHERWISE}\s*)?")
_OPEN, _CLOSE = "{{", "}}"

_JSON = re.compile(r"application/(?:json|[a-z0-9.!#$&^_-]+\+json)(?:;.*)?|text/json(?:;.*)?")


@dataclass(frozen=True, slots=True)
class Place:
    """Where something of the event is put."""

    path: tuple[str, ...]
    otherwise: str | None

    def value(self, document: Mapping[str, Any]) -> Any:
        """Return what is there."""
        found: Any = document
        for name in self.path:
            found = _member(found, name)
        return self.otherwise if found is None else found


Part = str | Place
Parts = tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Template:
    """A template that was read."""

    is_json: bool
    tree: Any
    """JSON whose texts are `Parts`; or the parts of a text."""

    def rendered(self, document: Mapping[str, Any]) -> bytes:
        """Fill the places from a CloudEvent as JSON has it. Raises `TemplateInvalid` for what becomes too large."""
        if self.is_json:
            content = msgspec.json.encode(_filled(self.tree, lambda parts: _value(parts, document)))
        else:
            content = _text(self.tree, document).encode()
        if len(content) > MAX_RENDERED_BYTES:
            raise TemplateInvalid(f"what the template makes of it is larger than {MAX_RENDERED_BYTES} bytes")
        return content


@lru_cache(maxsize=256)
def parse_template(text: str, content_type: str = "application/json") -> Template:
    """Read a template. Raises `TemplateInvalid`, which says what is wrong and where."""
    if len(text) > MAX_CHARACTERS:
        raise TemplateInvalid(f"a template has at most {MAX_CHARACTERS} characters")
    if text.count(_OPEN) > MAX_PLACES:
        raise TemplateInvalid(f"a template has at most {MAX_PLACES} places")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise TemplateInvalid("the template has half a character in it") from None
    if _JSON.fullmatch(content_type) is None:
        return Template(False, _parts(text))
    try:
        tree = msgspec.json.decode(text)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise TemplateInvalid(f"the template is no JSON: {str(error)[:200]}") from error
    return Template(True, _filled(tree, _parts))


class TemplateRendering(Rendering):
    """A template, for one webhook."""

    def __init__(self, text: str, content_type: str) -> None:
        """Raises `TemplateInvalid`."""
        self._template = parse_template(text, content_type)
        self._content_type = content_type

    def body(self, event: CloudEvent) -> Body:
        """Return the template, filled."""
        document = msgspec.to_builtins(event.document())
        return Body(self._content_type, self._template.rendered(document))


def _filled(tree: Any, leaf: Callable[[Any], Any], depth: int = 0) -> Any:
    """Return JSON with its texts, or what they were read as, replaced. Raises `TemplateInvalid`."""
    if depth > MAX_DEPTH:
        raise TemplateInvalid(f"the template is nested more than {MAX_DEPTH} deep")
    match tree:
        case dict():
            return {name: _filled(value, leaf, depth + 1) for name, value in tree.items()}
        case list():
            return [_filled(value, leaf, depth + 1) for value in tree]
        case str() | tuple():
            return leaf(tree)
        case _:
            return tree


def _parts(text: str) -> Parts:
    parts: list[Part] = []
    before, *rest = text.split(_OPEN)
    parts.append(before)
    for each in rest:
        inside, closing, behind = each.partition(_CLOSE)
        found = _PLACE.fullmatch(inside)
        if not closing or found is None:
            raise TemplateInvalid(
                f"{{{{{inside[:60]} is no place", hint="Write {{ data.tag }} or {{ data.tag ?? '-' }}."
            )
        otherwise = found[2] if found[2] is not None else found[3]
        parts.extend((Place(tuple(found[1].split(".")), otherwise), behind))
    return tuple(part for part in parts if part != "")


def _value(parts: Parts, document: Mapping[str, Any]) -> Any:
    """Return what a text becomes: what its only place holds, of whatever type, or text."""
    if len(parts) == 1 and isinstance(parts[0], Place):
        return parts[0].value(document)
    return _text(parts, document)


def _text(parts: Parts, document: Mapping[str, Any]) -> str:
    return "".join(part if isinstance(part, str) else _spelled(part.value(document)) for part in parts)


def _spelled(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _member(found: Any, name: str) -> Any:
    if isinstance(found, Mapping):
        return found.get(name)
    if isinstance(found, list) and name.isascii() and name.isdigit() and len(name) < 5:
        return found[int(name)] if int(name) < len(found) else None
    return None
