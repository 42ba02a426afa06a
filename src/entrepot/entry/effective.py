# SPDX-License-Identifier: Apache-2.0
"""What every setting holds, where that came from, and which addresses it lets the server connect to."""

import json
import os
import re
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel
from pydantic import SecretStr

from entrepot.entry.configuration import Settings
from entrepot.entry.configuration import file_path
from entrepot.entry.configuration import read_file
from entrepot.entry.settings_tree import Section
from entrepot.entry.settings_tree import Setting
from entrepot.entry.settings_tree import sections

MASK = "********"
LOCAL_SCHEMES = frozenset({"", "file", "memory", "sqlite"})

_PASSWORD_IN_URL = re.compile(r"(?<=://)([^/?#@]*?):[^/?#]*(?=@)")


class Source(StrEnum):
    """Who said what a setting holds."""

    DEFAULT = "default"
    FILE = "file"
    ENVIRONMENT = "environment"
    FLAG = "flag"


@dataclass(frozen=True, slots=True)
class Effective:
    """A setting and the value that holds, fit to be shown; `place` is the file or the variable it came from."""

    setting: Setting
    value: Any
    """Text, a number, a truth value, or a list or mapping of those; None for what is not set."""
    source: Source
    place: str

    @property
    def is_masked(self) -> bool:
        """Whether there is a value, and it is not shown."""
        return self.setting.is_secret and bool(self.value)

    @property
    def outgoing(self) -> list[str]:
        """The addresses in it that the server connects to."""
        if self.setting.is_own_address or self.setting.is_secret:
            return []
        return [each for each in _texts(self.value) if _is_remote(each)]


Shown = Sequence[tuple[Section, list[Effective]]]
"""Sections in their order, each with its settings."""


def effective(settings: Settings, flags: frozenset[str]) -> Shown:
    """Return every setting of a configuration that was just loaded; `flags` are variables set by the command line."""
    content, _ = read_file()
    return [
        (section, [_effective(setting, settings, flags, content) for setting in section.settings])
        for section in sections(type(settings))
    ]


def as_toml(shown: Shown) -> str:
    """Write a configuration file: the same settings, each with its source; what is masked or not set is a comment."""
    lines: list[str] = []
    for section, values in shown:
        if section.name:
            lines += ["", f"[{section.name}]"]
        lines += map(_toml_line, values)
    addresses = _outgoing(shown)
    lines += ["", "# Addresses that this configuration lets the server connect to:"]
    lines += [f"#   {setting} {address}" for setting, address in addresses] or ["#   none"]
    return "\n".join(lines) + "\n"


def as_json(shown: Shown) -> str:
    """Write the same for programs: `settings` by name, each with value, source and place; and `outgoing`."""
    settings = {
        each.setting.name: {"value": each.value, "source": each.source, "place": each.place}
        for _, values in shown
        for each in values
    }
    outgoing = [{"setting": setting, "address": address} for setting, address in _outgoing(shown)]
    return json.dumps({"settings": settings, "outgoing": outgoing}, indent=2, ensure_ascii=False) + "\n"


def toml_value(value: Any) -> str:
    """Write a value as TOML does."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return f"[{', '.join(map(toml_value, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{toml_value(name)} = {toml_value(each)}' for name, each in value.items())}}}"
    if isinstance(value, int | float):
        return str(value)
    # A JSON string is a TOML string, but for DEL.
    return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")


def _texts(value: Any) -> Iterator[str]:
    """Yield every text in a value, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _texts(each)


def plain(value: object) -> Any:
    """Turn a setting's value into what files hold; secrets become a mask, sets become sorted lists."""
    if isinstance(value, SecretStr):
        return MASK if value.get_secret_value() else ""
    if isinstance(value, set | frozenset):
        return sorted(map(plain, value))
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if isinstance(value, BaseModel):
        value = dict(value)
    if isinstance(value, Mapping):
        return {name: plain(each) for name, each in value.items()}
    if isinstance(value, str | Path):
        return _PASSWORD_IN_URL.sub(rf"\1:{MASK}", str(value))
    return value if value is None or isinstance(value, bool | int | float) else str(value)


def _effective(setting: Setting, settings: Settings, flags: frozenset[str], content: Mapping[str, Any]) -> Effective:
    source, place = _origin(setting, flags, content)
    return Effective(setting, plain(setting.value_in(settings)), source, place)


def _origin(setting: Setting, flags: frozenset[str], content: Mapping[str, Any]) -> tuple[Source, str]:
    if setting.variable in flags:
        return Source.FLAG, ""
    variable = next((name for name in os.environ if name.upper() == setting.variable), None)
    if variable is not None:
        return Source.ENVIRONMENT, variable
    return (Source.FILE, str(file_path())) if _holds(content, setting.name) else (Source.DEFAULT, "")


def _holds(content: Mapping[str, Any], name: str) -> bool:
    table: Any = content
    for part in name.split("."):
        if not isinstance(table, Mapping) or part not in table:
            return False
        table = table[part]
    return True


def _toml_line(each: Effective) -> str:
    key = each.setting.name.rpartition(".")[2]
    origin = f"{each.source} {each.place}".strip()
    if each.value is None:
        return f"# {key} is not set  # {origin}"
    line = f"{key} = {toml_value(each.value)}  # {origin}"
    return f"# {line}" if each.is_masked else line


def _outgoing(shown: Shown) -> list[tuple[str, str]]:
    return [(each.setting.name, address) for _, values in shown for each in values for address in each.outgoing]


def _is_remote(text: str) -> bool:
    try:
        address = urlsplit(text)
    except ValueError:
        return False
    return address.scheme not in LOCAL_SCHEMES and bool(address.netloc)
