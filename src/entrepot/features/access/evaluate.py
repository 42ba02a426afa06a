# SPDX-License-Identifier: Apache-2.0
"""Deciding from a principal's grants what it may do, without I/O."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from entrepot.features.access.match import InvalidPattern
from entrepot.features.access.match import InvalidTagPattern
from entrepot.features.access.match import Pattern
from entrepot.features.access.match import parse_pattern
from entrepot.features.access.match import parse_tag_pattern
from entrepot.features.access.match import tags_include
from entrepot.features.access.models import Grant
from entrepot.features.roles import SYSTEM
from entrepot.features.roles import SYSTEM_ROLE_ACTIONS
from entrepot.features.roles import Role
from entrepot.features.roles import actions_of
from entrepot.kernel.access import EVERY_TAG
from entrepot.kernel.access import TAG_ACTIONS
from entrepot.kernel.access import Action
from entrepot.kernel.access import SystemAction
from entrepot.kernel.access import TagReach
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.spans import Span
from entrepot.kernel.spans import joined

_NONE: frozenset[Action] = frozenset()
_EVERYTHING = parse_pattern("**")


@dataclass(frozen=True, slots=True)
class _TagLimited:
    """What a grant allows for some tags only."""

    pattern: Pattern
    tag_pattern: str
    glob: re.Pattern[str]
    actions: frozenset[Action]


class Rights:
    """What one principal may do, laid out so that a decision costs a few look-ups however many grants there are.

    Only patterns with a `*` inside their stem, and grants for some tags, are tried one after another.
    """

    __slots__ = (
        "_below",
        "_exact",
        "_expiring",
        "_globs",
        "_limited",
        "_projects",
        "_readable",
        "_spans",
        "is_account",
        "system",
        "until",
    )

    def __init__(self, grants: Iterable[Grant] = (), *, is_account: bool = False) -> None:
        """Read the grants, none of which has expired. One that this version does not understand gives nothing."""
        held = tuple(grants)
        self._exact: dict[str, frozenset[Action]] = {}
        self._below: dict[str, frozenset[Action]] = {}
        self._globs: list[tuple[Pattern, frozenset[Action]]] = []
        self._projects: dict[str, frozenset[Action]] = {}
        self._limited: list[_TagLimited] = []
        self.system: frozenset[SystemAction] = frozenset()
        """What may be done to the registry as a whole."""
        self.is_account = is_account
        """Whether they are those of somebody who is logged in, and may pull from internal projects."""
        self.until = _first_end(held)
        """When the first of the grants expires, None if none does."""
        self._expiring = held if self.until is not None else ()
        self._readable: list[Pattern] = []
        self._spans: list[Span] | None = None
        for grant in held:
            self._add(grant)

    def without_expired(self, now: Milliseconds) -> "Rights":
        """Return what is left of them at a moment."""
        if self.until is None or self.until > now:
            return self
        left = [grant for grant in self._expiring if grant.expires_at is None or grant.expires_at > now]
        return Rights(left, is_account=self.is_account)

    @property
    def readable(self) -> list[Span]:
        """Where in the order of names the repositories lie that may be read; see `Pattern.spans`."""
        if self._spans is None:
            self._spans = joined(span for pattern in self._readable for span in pattern.spans())
        return self._spans

    def allow(self, action: Action, repository: str) -> bool:
        """Tell whether `action` is allowed on the repository of this name, whatever the tag."""
        if action in self._exact.get(repository, _NONE) or self._is_below(action, repository):
            return True
        return any(action in actions and pattern.matches(repository) for pattern, actions in self._globs)

    def tags(self, action: Action, repository: str) -> TagReach:
        """Tell for which tags of the repository `action` is allowed."""
        if self.allow(action, repository):
            return EVERY_TAG
        limited = (each for each in self._limited if action in each.actions and each.pattern.matches(repository))
        return TagReach(is_every=False, globs=tuple(each.glob for each in limited))

    def reach(self, action: Action, project: str) -> bool:
        """Tell whether `action` is allowed on some name in the project."""
        if action in self._projects.get(project, _NONE) or action in self._below.get("", _NONE):
            return True
        return any(action in actions and pattern.reaches(project) for pattern, actions in self._globs)

    def cover(self, action: Action, pattern: Pattern, tag_pattern: str = "") -> bool:
        """Tell whether one grant allows `action` on everything that the patterns match.

        Never True wrongly; False where only several grants together would do.
        """
        if self._covers_every_tag(action, pattern):
            return True
        return any(
            action in each.actions and each.pattern.includes(pattern) and tags_include(each.tag_pattern, tag_pattern)
            for each in self._limited
        )

    def _covers_every_tag(self, action: Action, pattern: Pattern) -> bool:
        if pattern.glob is None:
            is_one_name = bool(pattern.stem) and not pattern.includes_below
            if self.allow(action, pattern.stem) if is_one_name else self._is_below(action, pattern.stem):
                return True
        elif self._is_below(action, pattern.stem.partition("*")[0].rpartition("/")[0]):
            return True
        return any(action in actions and each.includes(pattern) for each, actions in self._globs)

    def _is_below(self, action: Action, path: str) -> bool:
        """Tell whether `action` is allowed on this name and everything below it by a pattern that ends in `**`."""
        while path:
            if action in self._below.get(path, _NONE):
                return True
            path = path.rpartition("/")[0]
        return action in self._below.get("", _NONE)

    def _add(self, grant: Grant) -> None:
        try:
            actions, pattern = actions_of(grant.role, grant.actions), _pattern_of(grant)
            if grant.tag_pattern:
                some = _TagLimited(
                    pattern, grant.tag_pattern, parse_tag_pattern(grant.tag_pattern), actions & TAG_ACTIONS
                )
                self._limited.append(some)
                actions -= TAG_ACTIONS
        except (InvalidPattern, InvalidTagPattern, ValueError):
            return
        if grant.path_pattern == SYSTEM:
            self.system |= SYSTEM_ROLE_ACTIONS[grant.role]
        if pattern.glob is not None:
            self._globs.append((pattern, actions))
        else:
            index = self._below if pattern.includes_below else self._exact
            project = pattern.stem.partition("/")[0]
            index[pattern.stem] = index.get(pattern.stem, _NONE) | actions
            self._projects[project] = self._projects.get(project, _NONE) | actions
        if Action.READ in actions:
            self._readable.append(pattern)


def _first_end(grants: Iterable[Grant]) -> Milliseconds | None:
    return min((grant.expires_at for grant in grants if grant.expires_at is not None), default=None)


def _pattern_of(grant: Grant) -> Pattern:
    """Return where the grant counts. Raises `InvalidPattern`, and `ValueError` when its role does not belong there."""
    if (grant.path_pattern == SYSTEM) is not (grant.role in SYSTEM_ROLE_ACTIONS):
        raise ValueError("system roles are granted on the registry, and no others")
    return _EVERYTHING if grant.path_pattern == SYSTEM else parse_pattern(grant.path_pattern)


READ_EVERYTHING = Rights([Grant("**", Role.READ)])
