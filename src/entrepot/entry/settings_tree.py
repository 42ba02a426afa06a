# SPDX-License-Identifier: Apache-2.0
"""Every setting by its name, as the classes of the configuration declare it."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import NoneType
from typing import Any
from typing import Literal
from typing import get_args
from typing import get_origin

from pydantic import BaseModel
from pydantic import IPvAnyNetwork
from pydantic import SecretStr
from pydantic.config import JsonDict
from pydantic.fields import FieldInfo

PREFIX = "ENTREPOT_"

OWN_ADDRESS: JsonDict = {"own_address": True}
"""Marks (as `json_schema_extra`) a setting that holds an address of this server, which it does not connect to."""

_WORDS = {
    str: "text",
    Path: "path",
    SecretStr: "secret text",
    bool: "true or false",
    float: "number",
    IPvAnyNetwork: "network",
}


@dataclass(frozen=True, slots=True)
class Section:
    """A table of the file; the one without a name is the file's beginning."""

    name: str
    summary: str
    settings: tuple["Setting", ...]


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: `name` is its place in the file, such as `server.port`."""

    name: str
    field: FieldInfo

    @property
    def variable(self) -> str:
        """The environment variable that overrides it."""
        return PREFIX + self.name.replace(".", "__").upper()

    @property
    def is_secret(self) -> bool:
        """Whether its value is shown to nobody."""
        return SecretStr in (self.field.annotation, *get_args(self.field.annotation))

    @property
    def is_own_address(self) -> bool:
        """Whether it is marked as an address of this server."""
        extra = self.field.json_schema_extra
        return isinstance(extra, dict) and bool(extra.get("own_address"))

    @property
    def description(self) -> str:
        """One sentence."""
        return self.field.description or ""

    @property
    def default(self) -> object:
        """What holds when nobody says anything."""
        return self.field.get_default(call_default_factory=True)

    @property
    def kind(self) -> str:
        """What it takes, in words."""
        return _in_words(self.field.annotation) + _bounds(self.field.metadata)

    def value_in(self, settings: BaseModel) -> Any:
        """Return the value that `settings` hold."""
        value: Any = settings
        for part in self.name.split("."):
            value = getattr(value, part)
        return value


def sections(model: type[BaseModel], name: str = "") -> Iterator[Section]:
    """Yield a section and, after it, those within, in the order in which they are declared."""
    prefix = f"{name}." if name else ""
    inner = {key: section for key, field in model.model_fields.items() if (section := _section_class(field))}
    own = tuple(Setting(prefix + key, field) for key, field in model.model_fields.items() if key not in inner)
    yield Section(name, (model.__doc__ or "").strip().partition("\n")[0], own)
    for key, section in inner.items():
        yield from sections(section, prefix + key)


def every_setting(model: type[BaseModel]) -> list[Setting]:
    """Return every setting below `model`, section by section."""
    return [setting for section in sections(model) for setting in section.settings]


def _section_class(field: FieldInfo) -> type[BaseModel] | None:
    kind = field.annotation
    return kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None


def _in_words(kind: Any) -> str:
    choices = get_args(kind) if get_origin(kind) is Literal else _members(kind)
    if choices:
        *others, last = (f"`{choice}`" for choice in choices)
        return f"{', '.join(others)} or {last}" if others else last
    if get_origin(kind) in (list, tuple, set, frozenset):
        return f"list of {_in_words(get_args(kind)[0])}"
    if get_origin(kind) is dict:
        members = [f"`{name}`" for name in get_args(kind)[1].model_fields]
        return f"tables with {', '.join(members)}"
    given = [each for each in get_args(kind) if each is not NoneType]
    if given:
        return " or ".join(map(_in_words, given))
    return _WORDS.get(kind, "whole number" if kind is int else getattr(kind, "__name__", str(kind)))


def _members(kind: Any) -> tuple[StrEnum, ...]:
    return tuple(kind) if isinstance(kind, type) and issubclass(kind, StrEnum) else ()


def _bounds(metadata: list[Any]) -> str:
    words = {"ge": "at least", "gt": "more than", "le": "at most", "lt": "less than"}
    limits = [(word, getattr(each, bound, None)) for bound, word in words.items() for each in metadata]
    return "".join(f", {word} {limit:,}" for word, limit in limits if limit is not None)
