# SPDX-License-Identifier: Apache-2.0
"""Robots: accounts of projects, or of the registry, for programs.

A robot belongs to the project in its name, logs in with secrets that `tokens`
keeps, and may do what `grants` say. See docs/how-to/robots.md.
"""

from entrepot.features.robots.service import remove_of_project
from entrepot.features.robots.settings import RobotSettings
from entrepot.features.robots.standing import RobotAccounts
from entrepot.features.robots.store import find as find_robot

__all__ = ["RobotAccounts", "RobotSettings", "find_robot", "remove_of_project"]
