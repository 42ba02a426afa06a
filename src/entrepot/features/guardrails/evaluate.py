# SPDX-License-Identifier: Apache-2.0
"""Which guardrails are about something, without I/O."""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from entrepot.features.access import Pattern
from entrepot.features.access import parse_pattern
from entrepot.features.access import parse_tag_pattern
from entrepot.features.guardrails.models import Deed
from entrepot.features.guardrails.models import Guardrail
from entrepot.features.guardrails.models import GuardrailException
from entrepot.features.guardrails.models import GuardrailKind
from entrepot.features.guardrails.models import GuardrailMode
from entrepot.features.guardrails.overlap import overlap
from entrepot.features.projects import Visibility
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.clock import Milliseconds
from entrepot.oci.digest import is_ordinary_tag

MAX_REMEMBERED = 10_000
"""For how many names it is remembered which guardrails are about them."""

PEOPLE = frozenset({PrincipalKind.USER, PrincipalKind.ANONYMOUS})

_CHANGES = frozenset({Deed.PUSH, Deed.TAG, Deed.DELETE})
_DEEDS = {
    GuardrailKind.NO_PUBLIC: frozenset({Deed.OPEN, Deed.GRANT}),
    GuardrailKind.PUSH_BY_MACHINES: _CHANGES,
    GuardrailKind.SECOND_FACTOR: _CHANGES | {Deed.ADMINISTER},
    GuardrailKind.NAMING: frozenset({Deed.PUSH, Deed.TAG}),
}


@dataclass(frozen=True, slots=True)
class _Exempt:
    """An exception that was read; `pattern` is None for everywhere."""

    pattern: Pattern | None
    principal: str
    expires_at: Milliseconds


class Rule:
    """A guardrail that was read, with its exceptions."""

    __slots__ = ("_exempt", "_repositories", "_tags", "guardrail", "pattern")

    def __init__(self, guardrail: Guardrail, exceptions: Iterable[GuardrailException] = ()) -> None:
        """Read the patterns, which were checked when the guardrail was set. Raises as `parse_pattern`."""
        self.guardrail = guardrail
        self.pattern = parse_pattern(guardrail.terms.path_pattern)
        self._repositories = tuple(map(parse_pattern, guardrail.terms.options.repositories))
        self._tags = tuple(map(parse_tag_pattern, guardrail.terms.options.tags))
        self._exempt = tuple(
            _Exempt(_pattern_or_none(each.terms.path_pattern), each.terms.principal, each.terms.expires_at)
            for each in exceptions
        )

    @property
    def kind(self) -> GuardrailKind:
        """What it is about."""
        return self.guardrail.terms.kind

    @property
    def is_enforced(self) -> bool:
        """Whether it refuses."""
        return self.guardrail.mode is GuardrailMode.ENFORCE

    @property
    def closes(self) -> frozenset[Visibility]:
        """The visibilities that no project may have; none for a guardrail of another kind."""
        if self.kind is not GuardrailKind.NO_PUBLIC:
            return frozenset()
        if self.guardrail.terms.options.includes_internal:
            return frozenset({Visibility.PUBLIC, Visibility.INTERNAL})
        return frozenset({Visibility.PUBLIC})

    def concerns(self, deed: Deed) -> bool:
        """Tell whether it has anything to say about such deeds."""
        return deed in _DEEDS[self.kind]

    def exempts(self, place: Pattern, principal: str, until: Milliseconds) -> bool:
        """Tell whether one exception, which lasts longer than `until`, is for all that `place` matches there.

        `principal` is such as `user:alice`; empty for what is nobody's in particular.
        """
        return any(
            each.expires_at > until
            and each.principal in ("", principal)
            and (each.pattern is None or each.pattern.includes(place) or each.pattern.includes(self.pattern))
            for each in self._exempt
        )

    def names_repository(self, repository: str) -> bool:
        """Tell whether a new repository may be called so."""
        return not self._repositories or any(each.matches(repository) for each in self._repositories)

    def names_tag(self, tag: str) -> bool:
        """Tell whether a new tag may be called so. Tags that are derived from a digest may always."""
        return not self._tags or not is_ordinary_tag(tag) or any(each.fullmatch(tag) for each in self._tags)


class Rules:
    """Every guardrail with its exceptions, laid out so that a question costs a look-up, or a few matches."""

    __slots__ = ("_closing", "_closing_project", "_on_repository", "rules")

    def __init__(self, guardrails: Iterable[Guardrail] = (), exceptions: Iterable[GuardrailException] = ()) -> None:
        given: dict[str, list[GuardrailException]] = {}
        for each in exceptions:
            given.setdefault(each.guardrail, []).append(each)
        self.rules = tuple(Rule(guardrail, given.get(guardrail.name, ())) for guardrail in guardrails)
        self._closing = tuple(rule for rule in self.rules if rule.closes and rule.is_enforced)
        self._closing_project: dict[str, tuple[Rule, ...]] = {}
        self._on_repository: dict[str, tuple[Rule, ...]] = {}

    def on_repository(self, repository: str, deed: Deed) -> list[Rule]:
        """Return those about such deeds in the repository of this name, whoever does them."""
        if not self.rules:
            return []
        known = self._on_repository.get(repository)
        if known is None:
            known = tuple(rule for rule in self.rules if rule.pattern.matches(repository))
            _remember(self._on_repository, repository, known)
        return [rule for rule in known if rule.concerns(deed)]

    def on_pattern(self, pattern: Pattern, deed: Deed) -> list[Rule]:
        """Return those about such deeds on some name that the pattern matches."""
        return [rule for rule in self.rules if rule.concerns(deed) and overlap(rule.pattern, pattern)]

    def closed(self, project: str, now: Milliseconds) -> AbstractSet[Visibility]:
        """Return the visibilities that count as private for a project, part of which some guardrail keeps closed."""
        if not self._closing:
            return frozenset()
        known = self._closing_project.get(project)
        if known is None:
            known = tuple(rule for rule in self._closing if rule.pattern.reaches(project))
            _remember(self._closing_project, project, known)
        if not known:
            return frozenset()
        place = parse_pattern(f"{project}/**")
        return frozenset().union(*(rule.closes for rule in known if not rule.exempts(place, "", now)))


def _remember(known: dict[str, tuple[Rule, ...]], name: str, rules: tuple[Rule, ...]) -> None:
    if len(known) >= MAX_REMEMBERED:
        known.clear()
    known[name] = rules


def _pattern_or_none(text: str) -> Pattern | None:
    return parse_pattern(text) if text else None
