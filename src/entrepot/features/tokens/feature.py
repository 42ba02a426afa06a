# SPDX-License-Identifier: Apache-2.0
"""Tokens, as the application lists them."""

from functools import partial

from entrepot.features.tokens.cli import token_commands
from entrepot.features.tokens.jobs import EVERY_HOUR
from entrepot.features.tokens.jobs import TIDY
from entrepot.features.tokens.jobs import forget_ended
from entrepot.features.tokens.personal import PersonalTokens
from entrepot.features.tokens.routes import TokenRoutes
from entrepot.infra.jobs.regular import regular_kind
from entrepot.kernel.feature import Feature
from entrepot.kernel.feature import Parts
from entrepot.registry.api_callers import ApiCallers
from entrepot.registry.platform import Platform


def _mount(platform: Platform) -> Parts:
    tokens = PersonalTokens(platform.database, platform.rights, platform.clock)
    tidying = regular_kind(platform.clock, TIDY, EVERY_HOUR, partial(forget_ended, platform.database))
    return Parts(routes=(TokenRoutes(tokens, ApiCallers(platform.rights)).router(),), jobs=(tidying,))


feature: Feature[Platform] = Feature(
    name="tokens", needs=("access", "identity"), commands=(token_commands,), mount=_mount
)
