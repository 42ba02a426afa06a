# SPDX-License-Identifier: Apache-2.0
"""What a robot counts for, for those who decide whether it may log in and what it may do."""

from entrepot.features.identity import Standing
from entrepot.features.robots import store
from entrepot.infra.database.engine import Database


class RobotAccounts:
    """The accounts of robots, read from the database at every use."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def standing(self, name: str) -> Standing:
        """Tell what the robot of this name counts for now. One indexed statement."""
        robot = await self._database.read(store.find, name)
        return Standing.NONE if robot is None or robot.disabled_at is not None else Standing.USER
