# SPDX-License-Identifier: Apache-2.0
"""Tokens, as the application lists them."""

from entrepot.features.tokens.cli import token_commands
from entrepot.features.tokens.jobs import EVERY_HOUR
from entrepot.features.tokens.jobs import TIDY
from entrepot.features.tokens.jobs import TidyPayload
from entrepot.features.tokens.jobs import tidy_kind
from entrepot.features.tokens.personal import PersonalTokens
from entrepot.features.tokens.routes import TokenRoutes
from entrepot.infra.jobs.queue import declare_schedule
from entrepot.kernel.feature import Feature
from entrepot.kernel.feature import Parts
from entrepot.registry.api_callers import ApiCallers
from entrepot.registry.platform import Platform


def _mount(platform: Platform) -> Parts:
    platform.database.write_now(declare_schedule, TIDY, EVERY_HOUR, TIDY, TidyPayload(), platform.clock())
    tokens = PersonalTokens(platform.database, platform.rights, platform.clock)
    return Parts(
        routes=(TokenRoutes(tokens, ApiCallers(platform.rights)).router(),),
        jobs=(tidy_kind(platform.database, platform.clock),),
    )


feature: Feature[Platform] = Feature(
    name="tokens", needs=("access", "identity"), commands=(token_commands,), mount=_mount
)
