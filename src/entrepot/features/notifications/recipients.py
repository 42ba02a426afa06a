# SPDX-License-Identifier: Apache-2.0
"""Who hears of something, by what they may do in the transaction that tells it."""

from sqlalchemy import Connection

from entrepot.features.access import Rights
from entrepot.features.access import parse_pattern
from entrepot.features.access import present_rights
from entrepot.features.identity import Standing
from entrepot.features.identity import standing_of
from entrepot.features.notifications.models import MAX_RECIPIENTS
from entrepot.features.notifications.models import Need
from entrepot.features.notifications.models import Notice
from entrepot.features.notifications.store import holders
from entrepot.kernel.access import Action
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.access import SystemAction
from entrepot.kernel.clock import Milliseconds

_USER = f"{PrincipalKind.USER}:"


class Recipients:
    """Finds out who hears of things, each question once. For one transaction."""

    def __init__(self, connection: Connection, now: Milliseconds) -> None:
        self._connection = connection
        self._now = now
        self._found: dict[tuple[Need, str], list[str]] = {}

    def of(self, notice: Notice) -> list[str]:
        """Return who hears of it, such as `user:alice`, in order; not who did it."""
        if notice.need is Need.OWN:
            people = [notice.person] if self._is_there(notice.person) else []
        else:
            people = self._allowed(notice.need, notice.project)
        return [each for each in people if each != notice.actor or notice.need is Need.OWN][:MAX_RECIPIENTS]

    def _allowed(self, need: Need, project: str) -> list[str]:
        key = (need, project if need is Need.PROJECT else "")
        if key not in self._found:
            self._found[key] = self._of_project(project) if need is Need.PROJECT else self._of_system(need)
        return self._found[key]

    def _of_project(self, project: str) -> list[str]:
        """Return who was let administer the project; those who administer the registry where nobody was."""
        pattern = parse_pattern(f"{project}/**")
        found = [
            person
            for person in holders.of_project(self._connection, project, self._now)
            if self._rights(person).cover(Action.ADMIN, pattern)
        ]
        return found or self._allowed(Need.ADMINISTER, "")

    def _of_system(self, need: Need) -> list[str]:
        action = SystemAction.READ_AUDIT if need is Need.AUDIT else SystemAction.ADMINISTER
        people = holders.of_system(self._connection, self._now)
        return [person for person in people if action in self._rights(person).system]

    def _rights(self, person: str) -> Rights:
        return present_rights(self._connection, person.removeprefix(_USER), self._now)

    def _is_there(self, person: str) -> bool:
        name = person.removeprefix(_USER)
        return person.startswith(_USER) and standing_of(self._connection, name) is not Standing.NONE
