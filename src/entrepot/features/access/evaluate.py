# SPDX-License-Identifier: Apache-2.0
"""Deciding from a principal's grants what it may do, without I/O."""

from collections.abc import Iterable

from entrepot.features.access.match import InvalidPattern
from entrepot.features.access.match import Pattern
from entrepot.features.access.match import parse_pattern
from entrepot.features.access.models import ROLE_ACTIONS
from entrepot.features.access.models import Grant
from entrepot.features.access.models import Role
from entrepot.kernel.access import Action
from entrepot.kernel.spans import Span
from entrepot.kernel.spans import joined

_NONE: frozenset[Action] = frozenset()


class Rights:
    """What one principal may do, laid out so that a decision costs a few look-ups however many grants there are.

    Only patterns with a `*` inside their stem are tried one after another.
    """

    __slots__ = ("_below", "_exact", "_globs", "_projects", "_readable")

    def __init__(self, grants: Iterable[Grant] = ()) -> None:
        """Read the grants. One with a pattern or role that this version does not know gives nothing."""
        self._exact: dict[str, frozenset[Action]] = {}
        self._below: dict[str, frozenset[Action]] = {}
        self._globs: list[tuple[Pattern, frozenset[Action]]] = []
        self._projects: dict[str, frozenset[Action]] = {}
        readable: list[Span] = []
        for grant in grants:
            readable += self._add(grant)
        self._readable = joined(readable)

    @property
    def readable(self) -> list[Span]:
        """Where in the order of names the repositories lie that may be pulled from; see `Pattern.spans`."""
        return self._readable

    def allow(self, action: Action, repository: str) -> bool:
        """Tell whether `action` is allowed on the repository of this name."""
        if action in self._exact.get(repository, _NONE) or action in self._below.get("", _NONE):
            return True
        path = repository
        while path:
            if action in self._below.get(path, _NONE):
                return True
            path = path.rpartition("/")[0]
        return any(action in actions and pattern.matches(repository) for pattern, actions in self._globs)

    def reach(self, action: Action, project: str) -> bool:
        """Tell whether `action` is allowed on some name in the project."""
        if action in self._projects.get(project, _NONE) or action in self._below.get("", _NONE):
            return True
        return any(action in actions and pattern.reaches(project) for pattern, actions in self._globs)

    def cover(self, action: Action, project: str) -> bool:
        """Tell whether `action` is allowed on every name in the project."""
        if action in self._below.get(project, _NONE) or action in self._below.get("", _NONE):
            return True
        return any(action in actions and pattern.covers(project) for pattern, actions in self._globs)

    def _add(self, grant: Grant) -> list[Span]:
        """Take in a grant; return where the names lie that it allows to pull from."""
        try:
            pattern, actions = parse_pattern(grant.path_pattern), ROLE_ACTIONS[Role(grant.role)]
        except (InvalidPattern, ValueError):
            return []
        if pattern.glob is not None:
            self._globs.append((pattern, actions))
        else:
            index = self._below if pattern.includes_below else self._exact
            project = pattern.stem.partition("/")[0]
            index[pattern.stem] = index.get(pattern.stem, _NONE) | actions
            self._projects[project] = self._projects.get(project, _NONE) | actions
        return pattern.spans() if Action.PULL in actions else []


NO_RIGHTS = Rights()
READ_EVERYTHING = Rights([Grant("**", Role.READ)])
ALL_RIGHTS = Rights([Grant("**", Role.ADMIN)])
