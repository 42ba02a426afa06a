# SPDX-License-Identifier: Apache-2.0
"""The words of labels and notes: what people and robots say of an artifact after it was pushed."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from entrepot.features.labels.errors import LabelInvalid
from entrepot.features.labels.errors import NoteInvalid
from entrepot.kernel.clock import Milliseconds

MAX_LABELS = 64
"""Of one artifact."""

MAX_NAME_CHARACTERS = 63
MAX_PREFIX_CHARACTERS = 253
MAX_KEY_CHARACTERS = MAX_PREFIX_CHARACTERS + 1 + MAX_NAME_CHARACTERS
MAX_VALUE_CHARACTERS = 63

MAX_TERMS = 5
"""Of one filter."""

MAX_LABEL_FILTER_CHARACTERS = 2_048

MAX_NOTES = 50
"""On one artifact."""

MAX_NOTE_BYTES = 4_096

_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?")
_DOMAIN = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*")


@dataclass(frozen=True, slots=True)
class Label:
    """A label, who put it there as it is, and when."""

    key: str
    value: str
    changed_at: Milliseconds
    changed_by: str


@dataclass(frozen=True, slots=True)
class Term:
    """One thing that a filter asks for: a label with this value, or with any where that is None."""

    key: str
    value: str | None


@dataclass(frozen=True, slots=True)
class Note:
    """A short Markdown text that somebody wrote about an artifact."""

    id: str
    text: str
    author: str
    created_at: Milliseconds
    changed_at: Milliseconds


def check_key(key: str) -> str:
    """Return a key of a label. Raises `LabelInvalid`.

    A name of at most 63 characters, letters and digits at both ends, perhaps behind a domain name and a slash: what
    Kubernetes takes for a key, so that labels can be used on both sides.
    """
    prefix, slash, name = key.rpartition("/")
    is_placed = not slash or (len(prefix) <= MAX_PREFIX_CHARACTERS and _DOMAIN.fullmatch(prefix) is not None)
    if not is_placed or _NAME.fullmatch(name) is None:
        raise LabelInvalid(f"{_shown(key)} is no key of a label")
    return key


def check_value(value: str) -> str:
    """Return a value of a label: empty, or as the name in a key. Raises `LabelInvalid`."""
    if value and _NAME.fullmatch(value) is None:
        raise LabelInvalid(f"{_shown(value)} is no value of a label")
    return value


def parse_labels(pairs: Mapping[str, str | None]) -> dict[str, str | None]:
    """Return labels to set, and to remove where the value is None. Raises `LabelInvalid`."""
    if len(pairs) > MAX_LABELS:
        raise LabelInvalid(f"these are more than {MAX_LABELS} labels", hint="Change fewer of them at a time.")
    return {check_key(key): None if value is None else check_value(value) for key, value in sorted(pairs.items())}


def parse_label_filter(text: str) -> tuple[Term, ...]:
    """Read what labels are asked for: `key=value` or `key`, with commas between them. Raises `LabelInvalid`."""
    if len(text) > MAX_LABEL_FILTER_CHARACTERS:
        raise LabelInvalid(f"a filter of labels has at most {MAX_LABEL_FILTER_CHARACTERS} characters")
    terms = dict.fromkeys(_term(part.strip()) for part in text.split(",")) if text.strip() else {}
    if len(terms) > MAX_TERMS:
        raise LabelInvalid(f"a filter asks for at most {MAX_TERMS} labels", hint="Leave out those that say least.")
    return tuple(terms)


def check_note(text: str) -> str:
    """Return the text of a note, without space around it. Raises `NoteInvalid`."""
    said = text.strip()
    if not said:
        raise NoteInvalid("a note says something", hint="Write a few words, or delete the note.")
    try:
        size = len(said.encode())
    except UnicodeEncodeError:
        raise NoteInvalid("it is not Unicode text", hint="Send the note as UTF-8.") from None
    if size > MAX_NOTE_BYTES:
        raise NoteInvalid(f"a note has at most {MAX_NOTE_BYTES} bytes, and this one has {size}")
    return said


def _term(part: str) -> Term:
    key, equals, value = part.partition("=")
    return Term(check_key(key), check_value(value) if equals else None)


def _shown(text: str) -> str:
    shown = text.encode("ascii", "backslashreplace").decode()
    return repr(shown if len(shown) <= 80 else f"{shown[:77]}...")
