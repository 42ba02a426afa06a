# SPDX-License-Identifier: Apache-2.0
"""How renaming and merging users is refused."""

from entrepot.kernel.errors import Conflict
from entrepot.kernel.errors import InvalidRequest


class SameName(InvalidRequest):
    """The user has this name already."""

    code = "same_name"


class IntoItself(InvalidRequest):
    """A user cannot be merged into itself."""

    code = "into_itself"
    default_hint = "Name the other account of the same person."


class OwnAccount(Conflict):
    """You are logged in as the user that would be gone."""

    code = "own_account"
    default_hint = "Log in as the user that stays, or ask another administrator."


class IntoDisabled(Conflict):
    """The user that would stay is disabled."""

    code = "into_disabled"
    default_hint = "Enable it first: what goes to it would be of no use to anybody."
