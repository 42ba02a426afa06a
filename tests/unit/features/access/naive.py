# SPDX-License-Identifier: Apache-2.0
"""Access as docs/how-to/access.md tells it, worked out one sentence after the other, however long that takes."""

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from typing import NamedTuple

ROLES: Mapping[str, str] = {
    "view": "read",
    "read": "read pull",
    "write": "read pull push create tag sign",
    "maintain": "read pull push create tag sign delete scan manage-policy",
    "admin": "read pull push create tag sign delete scan manage-members manage-policy override hold report-use admin",
}
SYSTEM_ROLES: Mapping[str, tuple[str, str]] = {
    "auditor": ("read pull", "read-system read-accounts read-audit"),
    "operator": ("", "read-system operate"),
    "witness": ("", "witness"),
    "administrator": (ROLES["admin"], "read-system read-accounts read-audit witness operate administer"),
}
"""For each, what it allows in every repository, and what in the registry as a whole."""


class Given(NamedTuple):
    """A grant in the table."""

    principal: str
    path_pattern: str
    role: str
    tag_pattern: str = ""
    expires_at: int | None = None


@dataclass(frozen=True)
class World:
    """Everything that decisions hang on."""

    given: Sequence[Given] = ()
    roles: Mapping[str, str] = field(default_factory=dict)
    groups: Mapping[str, frozenset[str]] = field(default_factory=dict)
    visibility: Mapping[str, str] = field(default_factory=dict)
    accounts: frozenset[str] = frozenset()
    """The users and robots that exist and are enabled."""

    def allows(self, identity: str, action: str, repository: str, tag: str | None, now: int = 0) -> bool:
        """Tell whether somebody may do something, for one tag or (None) whatever the tag."""
        visibility = self.visibility.get(repository.split("/", maxsplit=1)[0], "private")
        is_open = visibility == "public" or (visibility == "internal" and self.counts(identity))
        if is_open and action in ("read", "pull"):
            return True
        return any(self._gives(given, action, repository, tag) for given in self.held(identity, now))

    def allows_system(self, identity: str, action: str, now: int = 0) -> bool:
        """Tell whether somebody may do something to the registry as a whole."""
        held = [given.role for given in self.held(identity, now) if given.path_pattern == "SYSTEM"]
        return any(action in SYSTEM_ROLES[role][1].split() for role in held if role in SYSTEM_ROLES)

    def held(self, identity: str, now: int) -> list[Given]:
        """Return the grants that somebody has in any way and that have not expired."""
        whose = {"anonymous:anonymous"}
        if self.counts(identity):
            whose |= {identity, "everyone:everyone"}
            for _ in self.groups:
                whose |= {f"group:{name}" for name, members in self.groups.items() if members & whose}
        return [
            given
            for given in self.given
            if given.principal in whose and (given.expires_at is None or now < given.expires_at)
        ]

    def counts(self, identity: str) -> bool:
        """Tell whether somebody counts as logged in; workloads have no accounts."""
        return identity in self.accounts or identity.startswith("workload:")

    def _gives(self, given: Given, action: str, repository: str, tag: str | None) -> bool:
        if given.path_pattern == "SYSTEM":
            return given.role in SYSTEM_ROLES and action in SYSTEM_ROLES[given.role][0].split()
        if given.role in SYSTEM_ROLES or not matches(given.path_pattern, repository):
            return False
        actions = set((self.roles.get(given.role) or ROLES.get(given.role, "")).split())
        actions |= {"read"} if "pull" in actions else set()
        actions |= set(ROLES["admin"].split()) if "admin" in actions else set()
        is_limited = bool(given.tag_pattern) and action in ("tag", "delete")
        return action in actions and (not is_limited or (tag is not None and matches(given.tag_pattern, tag)))


def matches(pattern: str, name: str) -> bool:
    """Say what the table of patterns says, one character at a time."""
    if pattern == "**":
        return True
    if pattern.endswith("/**"):
        stem = pattern.removesuffix("/**")
        return any(matches(stem, ancestor) for ancestor in _ancestors(name))
    if not pattern or not name:
        return pattern.strip("*") == name
    if pattern[0] == "*":
        return matches(pattern[1:], name) or (name[0] != "/" and matches(pattern, name[1:]))
    return pattern[0] == name[0] and matches(pattern[1:], name[1:])


def _ancestors(name: str) -> list[str]:
    """Return a name and everything above it: `a/b` and `a`."""
    parts = name.split("/")
    return ["/".join(parts[:length]) for length in range(1, len(parts) + 1)]
