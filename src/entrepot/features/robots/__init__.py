# SPDX-License-Identifier: Apache-2.0
"""Robots: accounts of projects, for programs.

A robot belongs to the project in its name, logs in with a secret that `tokens`
keeps, and may do what `grants` say. See docs/how-to/robots.md.
"""

from entrepot.features.robots.service import Robots
from entrepot.features.robots.service import remove_of_project
from entrepot.features.robots.standing import RobotAccounts

__all__ = ["RobotAccounts", "Robots", "remove_of_project"]
