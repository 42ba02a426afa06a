# SPDX-License-Identifier: Apache-2.0
"""The words of guardrails."""

import re
from dataclasses import dataclass
from enum import StrEnum

from entrepot.features.access import parse_pattern
from entrepot.features.access import parse_tag_pattern
from entrepot.features.guardrails.errors import GuardrailExceptionInvalid
from entrepot.features.guardrails.errors import GuardrailInvalid
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.identifiers import Ulid

MAX_GUARDRAILS = 200
"""Every process holds all of them in memory, and looks for changes once a second."""

MAX_EXCEPTIONS = 100
"""From one guardrail, those that are in force."""

MAX_NAMES = 10
"""How many patterns a guardrail about names may have, of repositories and of tags."""

MAX_EXCEPTION_MS = 90 * DAY_MS
MAX_REASON_CHARACTERS = 300
MAX_NAME_CHARACTERS = 255

_NAME = re.compile(r"[a-z][a-z0-9-]{0,63}")
_EXEMPT_KINDS = frozenset({PrincipalKind.USER, PrincipalKind.ROBOT, PrincipalKind.WORKLOAD})


class GuardrailKind(StrEnum):
    """What a guardrail is about."""

    NO_PUBLIC = "no-public"
    """No project is public, and nothing is granted to whoever is not logged in."""
    PUSH_BY_MACHINES = "push-by-machines"
    """Only robots and workloads push, tag and delete."""
    SECOND_FACTOR = "second-factor"
    """People push, tag, delete and administer only with a second factor."""
    NAMING = "naming"
    """New repositories, and new tags, are called as the patterns say."""


class GuardrailMode(StrEnum):
    """Whether a guardrail refuses, or only counts what it would have refused."""

    SIMULATE = "simulate"
    ENFORCE = "enforce"


class Deed(StrEnum):
    """What somebody does that a guardrail may be about."""

    PUSH = "push"
    TAG = "tag"
    DELETE = "delete"
    OPEN = "open"
    """Make a project public or internal."""
    GRANT = "grant"
    """Grant something to everyone, or to whoever is not logged in."""
    ADMINISTER = "administer"


@dataclass(frozen=True, slots=True)
class Options:
    """What a guardrail says beside its kind; each is of one kind only."""

    includes_internal: bool = False
    """Of `no-public`: whether projects may not be internal either, nor anything be granted to everyone."""
    repositories: tuple[str, ...] = ()
    """Of `naming`: path patterns, one of which the name of a new repository has to match; none for any name."""
    tags: tuple[str, ...] = ()
    """Of `naming`: tag patterns, one of which a new tag has to match; none for any tag."""


@dataclass(frozen=True, slots=True)
class GuardrailTerms:
    """What a guardrail says: what must not happen where. Raises `GuardrailInvalid` and as the patterns it holds."""

    path_pattern: str
    kind: GuardrailKind
    options: Options = Options()

    def __post_init__(self) -> None:
        """Refuse what is no pattern, and options of another kind."""
        parse_pattern(self.path_pattern)
        options = self.options
        if options.includes_internal and self.kind is not GuardrailKind.NO_PUBLIC:
            raise GuardrailInvalid(
                f"a guardrail of the kind {self.kind} says nothing of internal projects",
                hint="Leave includes_internal out; it is of the kind no-public.",
            )
        if bool(options.repositories or options.tags) is not (self.kind is GuardrailKind.NAMING):
            raise GuardrailInvalid(
                "patterns for names belong to a guardrail of the kind naming, which has at least one",
                hint="Give repositories or tags with the kind naming, and with no other.",
            )
        if max(len(options.repositories), len(options.tags)) > MAX_NAMES:
            raise GuardrailInvalid(f"there are more than {MAX_NAMES} patterns for names", hint="Give fewer of them.")
        for repository in options.repositories:
            parse_pattern(repository)
        for tag in options.tags:
            parse_tag_pattern(tag)


@dataclass(frozen=True, slots=True)
class Guardrail:
    """A guardrail as it is set; `created_by` and `changed_by` are such as `user:alice`."""

    name: str
    terms: GuardrailTerms
    mode: GuardrailMode
    reason: str
    """Why, in one line; whoever is refused is told."""
    created_at: Milliseconds
    created_by: str
    changed_at: Milliseconds
    changed_by: str


@dataclass(frozen=True, slots=True)
class ExceptionTerms:
    """What an exception is for: a path, somebody, or somebody on a path."""

    path_pattern: str
    """Empty for everywhere that the guardrail is about."""
    principal: str
    """Such as `user:alice`; empty for everybody."""
    reason: str
    expires_at: Milliseconds

    def __post_init__(self) -> None:
        """Refuse what is no pattern and nobody. Raises `GuardrailExceptionInvalid` and `InvalidPattern`."""
        if self.path_pattern:
            parse_pattern(self.path_pattern)
        if self.principal:
            require_somebody(self.principal)
        if not self.reason:
            raise GuardrailExceptionInvalid("an exception has a reason", hint="Say in one line what it is for.")


@dataclass(frozen=True, slots=True)
class GuardrailException:
    """An exception as it was given; it ends by itself."""

    id: Ulid
    guardrail: str
    terms: ExceptionTerms
    created_at: Milliseconds
    created_by: str


@dataclass(frozen=True, slots=True)
class Simulated:
    """What a guardrail would have refused: who, what, where, how often, and when first and last."""

    principal: str
    """Empty, with `deed` and `place`, for all that is not listed by itself."""
    deed: str
    place: str
    """A repository, a repository with a tag, a project or a path pattern."""
    count: int
    first_at: Milliseconds
    last_at: Milliseconds


@dataclass(frozen=True, slots=True)
class Violation:
    """Something that is there, and that a guardrail would not let come about."""

    object: str
    """As `kind:name`, such as `project:team`."""
    what: str
    """What is wrong with it, in a few words."""


@dataclass(frozen=True, slots=True)
class Violations:
    """What violates a guardrail; `is_complete` is False when there may be more."""

    found: tuple[Violation, ...]
    is_complete: bool


def parse_guardrail_name(text: str) -> str:
    """Check the name of a guardrail. Raises `GuardrailInvalid`."""
    if _NAME.fullmatch(text) is None:
        raise GuardrailInvalid(
            f"{text[:80]!r} is not the name of a guardrail",
            hint="Use 1 to 64 of a-z, 0-9 and '-', beginning with a letter.",
        )
    return text


def require_somebody(text: str) -> None:
    """Do nothing if `text` is such as `user:alice`. Raises `GuardrailExceptionInvalid`."""
    kind, _, name = text.partition(":")
    if kind not in _EXEMPT_KINDS or not (name.isprintable() and 0 < len(name) <= MAX_NAME_CHARACTERS):
        raise GuardrailExceptionInvalid(
            f"{text[:80]!r} names nobody who could be an exception",
            hint="Write 'user:<name>', 'robot:<name>' or 'workload:<name>'; leave it out for everybody.",
        )
