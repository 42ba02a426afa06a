# SPDX-License-Identifier: Apache-2.0
"""The grammar of the scopes that clients ask for (distribution token specification, "scope").

`type[(class)]:name:action[,action]*`. The name may hold colons (`host:5000/app`),
so it lies between the first and the last one. Several scopes come as repeated
parameters, separated by spaces, or by commas: a part of a comma list that holds
a colon begins the next scope.
"""

import re
from collections.abc import Iterable
from collections.abc import Iterator
from dataclasses import dataclass

from entrepot.kernel.access import Action
from entrepot.kernel.errors import InvalidRequest
from entrepot.registry.api_callers import API

MAX_SCOPES = 100
MAX_SCOPE_CHARACTERS = 8 * 1024
"""For all scopes of a request together: what they grant must fit into a header."""

REPOSITORY_ACTIONS = (Action.PULL, Action.PUSH, Action.DELETE)

_TYPE = re.compile(r"([a-z0-9]+)(?:\([a-z0-9]+\))?")
_NAME = re.compile(r"[A-Za-z0-9._:/-]{1,255}")
_ACTIONS = re.compile(r"(?:[a-z]+|\*)(?:,(?:[a-z]+|\*))*")


class TooManyScopes(InvalidRequest):
    """The request names more scopes than one token may hold."""

    code = "invalid_scope"
    default_hint = "Ask for fewer scopes at once and fetch one token for each group."


@dataclass(frozen=True, slots=True)
class RequestedScope:
    """What a client asks for on one resource. The class, which is deprecated, is dropped."""

    type: str
    name: str
    actions: frozenset[str]

    @property
    def repository_actions(self) -> tuple[Action, ...]:
        """The actions on a repository that are asked for, in a fixed order; `*` asks for all."""
        return tuple(action for action in REPOSITORY_ACTIONS if action in self.actions or "*" in self.actions)


_API_TYPE, _, _API_NAME = API.partition(":")
WHOLE_API = RequestedScope(_API_TYPE, _API_NAME, frozenset("*"))


def parse_scopes(values: Iterable[str]) -> tuple[RequestedScope, ...]:
    """Read the `scope` parameters of a request; scopes on the same resource become one.

    No text at all asks for `API`; text that is not a scope asks for nothing. Raises `TooManyScopes`.
    """
    values = [value for value in values if value.strip()]
    if not values:
        return (WHOLE_API,)
    if sum(map(len, values)) > MAX_SCOPE_CHARACTERS:
        raise TooManyScopes(f"the scopes are longer than {MAX_SCOPE_CHARACTERS} characters")
    wanted: dict[tuple[str, str], frozenset[str]] = {}
    for text in _split(values):
        scope = _parse(text)
        if scope is not None:
            key = (scope.type, scope.name)
            wanted[key] = wanted.get(key, frozenset()) | scope.actions
    if len(wanted) > MAX_SCOPES:
        raise TooManyScopes(f"{len(wanted)} scopes are asked for, at most {MAX_SCOPES} fit into one token")
    return tuple(RequestedScope(kind, name, actions) for (kind, name), actions in wanted.items())


def _split(values: Iterable[str]) -> Iterator[str]:
    for value in values:
        for joined in value.split():
            scope = ""
            for part in joined.split(","):
                if ":" in part and scope:
                    yield scope
                    scope = part
                else:
                    scope = f"{scope},{part}" if scope else part
            yield scope


def _parse(text: str) -> RequestedScope | None:
    kind, _, rest = text.partition(":")
    name, _, actions = rest.rpartition(":")
    match = _TYPE.fullmatch(kind)
    if match is None or _NAME.fullmatch(name) is None or _ACTIONS.fullmatch(actions) is None:
        return None
    return RequestedScope(match[1], name, frozenset(actions.split(",")))
