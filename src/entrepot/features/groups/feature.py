# SPDX-License-Identifier: Apache-2.0
"""Groups, as the application lists them."""

from collections.abc import Callable

from entrepot.features.groups.cli import group_commands
from entrepot.features.groups.routes import GroupRoutes
from entrepot.features.groups.service import Groups
from entrepot.features.groups.service import IsAccount
from entrepot.features.groups.service import Leave
from entrepot.features.groups.service import MayAdminister
from entrepot.kernel.feature import Feature
from entrepot.kernel.feature import Parts
from entrepot.registry.api_callers import ApiCallers
from entrepot.registry.platform import Platform

feature: Feature[object] = Feature(name="groups", needs=("roles",), commands=(group_commands,))


def group_parts(
    platform: Platform, is_account: IsAccount, forget: Callable[[], None], leave: Leave, may_administer: MayAdminister
) -> Parts:
    """Return what groups add to a running application; `leave` removes what others keep about a group."""
    groups = Groups(platform, is_account, forget, leave, may_administer)
    return Parts(routes=(GroupRoutes(groups, ApiCallers(platform.rights)).router(),))
