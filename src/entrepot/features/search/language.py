# SPDX-License-Identifier: Apache-2.0
"""The language of queries for artifacts: plain words and `qualifier:value`, separated by spaces.

`-` before a term says that it must not be true. What holds spaces is put in quotation marks, in which `\\"` and
`\\\\` stand for the character behind. See docs/how-to/search.md.
"""

import re
from collections.abc import Callable
from collections.abc import Mapping
from types import MappingProxyType

from entrepot.features.artifacts import ArtifactType
from entrepot.features.search.comparing import format_bytes
from entrepot.features.search.comparing import format_moment
from entrepot.features.search.comparing import parse_bytes
from entrepot.features.search.comparing import parse_moment
from entrepot.features.search.errors import QueryInvalid
from entrepot.features.search.terms import Age
from entrepot.features.search.terms import ArtifactQuery
from entrepot.features.search.terms import Bytes
from entrepot.features.search.terms import Day
from entrepot.features.search.terms import Kind
from entrepot.features.search.terms import Never
from entrepot.features.search.terms import Said
from entrepot.features.search.terms import Standing
from entrepot.features.search.terms import Term
from entrepot.features.search.terms import Value
from entrepot.features.search.wording import as_platform
from entrepot.features.search.wording import as_revision
from entrepot.features.search.wording import words_of

MAX_QUERY_CHARACTERS = 1_024
MAX_TERMS = 20
SHORTEST_DIGEST = 4

_TERM = re.compile(r'(?:[^ "]|"(?:[^"\\]|\\.)*")+')
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
_ESCAPED = re.compile(r"\\(.)")
_QUALIFIED = re.compile(r"([A-Za-z0-9_]+):(.*)", re.DOTALL)
_DIGEST = re.compile(rf"(?:sha256:|sha512:)?[0-9a-f]{{{SHORTEST_DIGEST},128}}")
_TAG = re.compile(r"[A-Za-z0-9_.*-]{1,128}")
_REPOSITORY = re.compile(r"[a-z0-9._/*-]{1,255}")
_PROJECT = re.compile(r"[a-z0-9._-]{1,255}")
_PLAIN = re.compile(r'[^ "]+')

_OTHER_NAMES = MappingProxyType({"helm": ArtifactType.CHART, "container": ArtifactType.IMAGE})
_QUALIFIERS = ", ".join(f"{kind.value}:" for kind in Kind if kind is not Kind.WORD)


def parse_artifact_query(text: str) -> ArtifactQuery:
    """Read a query; one without terms is of everything. Raises `QueryInvalid`, which names the part that is wrong."""
    if len(text) > MAX_QUERY_CHARACTERS:
        raise QueryInvalid(f"a query has at most {MAX_QUERY_CHARACTERS} characters", hint="Leave out some terms.")
    text = "".join(" " if character.isspace() else character for character in text)
    if not text.isprintable():
        raise QueryInvalid("a query has no control characters")
    terms = dict.fromkeys(_parse_term(part) for part in _parts(text))
    if len(terms) > MAX_TERMS:
        raise QueryInvalid(f"a query has at most {MAX_TERMS} terms", hint="Leave out some of them.")
    return ArtifactQuery(tuple(terms))


def format_artifact_query(query: ArtifactQuery) -> str:
    """Write a query so that `parse_artifact_query` reads the same."""
    return " ".join(map(format_term, query.terms))


def format_term(term: Term) -> str:
    """Write one term of a query."""
    sign = "" if term.is_wanted else "-"
    text = _text_of(term.value)
    if term.kind is Kind.WORD:
        is_plain = _PLAIN.fullmatch(text) and ":" not in text and not text.startswith("-")
        return f"{sign}{text if is_plain else _quoted(text)}"
    return f"{sign}{term.kind.value}:{text if _PLAIN.fullmatch(text) else _quoted(text)}"


def _parts(text: str) -> list[str]:
    found, place = [], 0
    while place < len(text):
        if text[place] == " ":
            place += 1
            continue
        part = _TERM.match(text, place)
        if part is None or (part.end() < len(text) and text[part.end()] != " "):
            hint = 'Close it with another ", or write \\" inside of two.'
            raise QueryInvalid(f"a quotation mark is not closed: {text[place : place + 40]}", hint=hint)
        found.append(part[0])
        place = part.end()
    return found


def _parse_term(part: str) -> Term:
    is_wanted = not part.startswith("-")
    rest = part if is_wanted else part[1:]
    qualified = _QUALIFIED.fullmatch(rest)
    try:
        if qualified is None:
            return Term(Kind.WORD, _word(_unquoted(rest)), is_wanted)
        kind = _kind(qualified[1], rest)
        return Term(kind, _READ[kind](_unquoted(qualified[2])), is_wanted)
    except QueryInvalid as error:
        shown = part if len(part) <= 60 else f"{part[:60]}…"
        raise QueryInvalid(f"in {shown}: {error.message}", hint=error.hint, detail={"part": part}) from None


def _kind(name: str, whole: str) -> Kind:
    try:
        return Kind(name.lower())
    except ValueError:
        if name in ("sha256", "sha512"):
            raise QueryInvalid("a digest has a qualifier", hint=f"Write digest:{whole[:80]}.") from None
        hint = f'There are {_QUALIFIERS}. In quotation marks it is plain text: "{whole[:40]}".'
        raise QueryInvalid(f"there is no qualifier {name[:32]}:", hint=hint) from None


def _unquoted(text: str) -> str:
    return _QUOTED.sub(lambda found: _ESCAPED.sub(r"\1", found[1]), text)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _word(text: str) -> str:
    if not words_of(text):
        raise QueryInvalid("there is no letter and no digit in it", hint="Plain words are those of names and titles.")
    return text.lower().strip()


def _type(text: str) -> str:
    wanted = text.lower()
    if wanted in _OTHER_NAMES:
        return _OTHER_NAMES[wanted].value
    if wanted not in set(ArtifactType):
        raise QueryInvalid(f"there is no type {text[:32]!r}", hint=f"There are {', '.join(ArtifactType)}.")
    return wanted


def _said(text: str) -> Said:
    key, equals, value = text.partition("=")
    if not key:
        raise QueryInvalid("it names no key", hint="Write label:team=pay, or label:team for any value.")
    return Said(key, value if equals else None)


def _standing(text: str) -> Standing:
    if text not in set(Standing):
        raise QueryInvalid(f"nothing is {text[:32]!r}", hint=f"There are is:{' and is:'.join(Standing)}.")
    return Standing(text)


def _like(form: re.Pattern[str], what: str, hint: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if not form.fullmatch(text):
            raise QueryInvalid(f"{text[:64]!r} is no {what}", hint=hint)
        return text

    return read


def _checked(read: Callable[[str], str | None], what: str, hint: str) -> Callable[[str], str]:
    def check(text: str) -> str:
        found = read(text)
        if found is None:
            raise QueryInvalid(f"{text[:64]!r} is no {what}", hint=hint)
        return found

    return check


def _pushed(text: str) -> Value:
    moment = parse_moment(text)
    if isinstance(moment, Never):
        raise QueryInvalid("everything was pushed once", hint="Compare with a day or an age: pushed:<30d.")
    return moment


_digest = _like(_DIGEST, "beginning of a digest", "Write at least four of its characters, such as digest:9f86.")
_repository = _like(_REPOSITORY, "name of a repository", "Write it in full, or with * for any characters: team/*.")
_project = _like(_PROJECT, "name of a project", "It is the first part of the names of its repositories.")
_ABOUT_TAGS = "Letters, digits and . _ -, with * for any characters: tag:1.*"
_ABOUT_COMMITS = "Write four to 64 characters of the commit: revision:abc123."

_READ: Mapping[Kind, Callable[[str], Value]] = MappingProxyType(
    {
        Kind.TYPE: _type,
        Kind.PLATFORM: _checked(as_platform, "platform", "Write it as linux/arm64, linux or arm64."),
        Kind.LABEL: _said,
        Kind.ANNOTATION: _said,
        Kind.REVISION: _checked(as_revision, "commit", _ABOUT_COMMITS),
        Kind.DIGEST: lambda text: _digest(text.lower()),
        Kind.TAG: _like(_TAG, "tag", _ABOUT_TAGS),
        Kind.SIZE: parse_bytes,
        Kind.PUSHED: _pushed,
        Kind.PULLED: parse_moment,
        Kind.PROJECT: lambda text: _project(text.lower()),
        Kind.REPOSITORY: lambda text: _repository(text.lower()),
        Kind.IS: _standing,
        Kind.WORD: _word,
    }
)


def _text_of(value: Value) -> str:
    if isinstance(value, Said):
        return value.key if value.value is None else f"{value.key}={value.value}"
    if isinstance(value, Bytes):
        return format_bytes(value)
    if isinstance(value, Day | Age | Never):
        return format_moment(value)
    return str(value)
