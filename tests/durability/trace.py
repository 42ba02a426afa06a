# SPDX-License-Identifier: Apache-2.0
"""Reading what `strace -f -y -xx -o FILE` wrote.

`-y` shows the path behind each file descriptor, and `-xx` writes every string in
hexadecimal, so that no content can be taken for syntax.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

NEVER = 2**62
"""When a call ended of which the trace shows no end."""

_WHOLE = re.compile(r"(?P<pid>\d+) +(?P<name>\w+)\((?P<arguments>.*)\) += (?P<result>-?\d+|\?)")
_BEGIN = re.compile(r"(?P<pid>\d+) +(?P<name>\w+)\((?P<arguments>.*) <unfinished \.\.\.>$")
_END = re.compile(r"(?P<pid>\d+) +<\.\.\. (?P<name>\w+) resumed>(?P<arguments>.*)\) += (?P<result>-?\d+|\?)")
_DESCRIPTOR = re.compile(r"(\d+|AT_FDCWD)<([^>]*)>")
_STRING = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')


@dataclass(frozen=True, slots=True)
class Call:
    """One system call. `began` and `ended` are line numbers of the trace, from 1."""

    name: str
    arguments: str
    began: int
    ended: int = NEVER
    result: int = -1

    @property
    def descriptor(self) -> int:
        """The file descriptor that is the first argument, or -1."""
        match = _DESCRIPTOR.match(self.arguments)
        return int(match[1]) if match and match[1].isdigit() else -1

    @property
    def path(self) -> Path:
        """What the first argument, a file descriptor, refers to."""
        match = _DESCRIPTOR.match(self.arguments)
        return Path(_decode(match[2]).decode()) if match else Path()

    @property
    def strings(self) -> list[bytes]:
        """Every string among the arguments."""
        return [_decode(text) for text in _STRING.findall(self.arguments)]

    @property
    def words(self) -> list[str]:
        """The arguments, split at commas."""
        return self.arguments.split(", ")


def read_trace(lines: Iterable[str]) -> list[Call]:
    """Parse a trace into calls, ordered by their beginning. Lines about signals and exits are passed over."""
    calls: list[Call] = []
    open_calls: dict[str, tuple[int, str, str]] = {}
    for number, line in enumerate(lines, 1):
        if whole := _WHOLE.match(line):
            calls.append(Call(whole["name"], whole["arguments"], number, number, _number(whole["result"])))
        elif begin := _BEGIN.match(line):
            open_calls[begin["pid"]] = (number, begin["name"], begin["arguments"])
        elif end := _END.match(line):
            began, name, arguments = open_calls.pop(end["pid"], (0, "", ""))
            if name == end["name"]:
                calls.append(Call(name, arguments + end["arguments"], began, number, _number(end["result"])))
    calls += [Call(name, arguments, began) for began, name, arguments in open_calls.values()]
    return sorted(calls, key=lambda call: call.began)


def _number(text: str) -> int:
    return -1 if text == "?" else int(text)


def _decode(text: str) -> bytes:
    return bytes.fromhex(text.replace("\\x", ""))
