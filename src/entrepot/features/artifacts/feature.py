# SPDX-License-Identifier: Apache-2.0
"""Artifacts, as the application lists them."""

from entrepot.features.artifacts.bin import Bin
from entrepot.features.artifacts.cli import artifact_commands
from entrepot.features.artifacts.cli import repo_commands
from entrepot.features.artifacts.cli import tag_commands
from entrepot.features.artifacts.content import ArtifactContent
from entrepot.features.artifacts.derive import FactsDerivation
from entrepot.features.artifacts.derive import FactsKnown
from entrepot.features.artifacts.freeing import Freeing
from entrepot.features.artifacts.handlers import ArrivedArtifacts
from entrepot.features.artifacts.jobs import job_kinds
from entrepot.features.artifacts.routes import ArtifactRoutes
from entrepot.features.artifacts.routes import BinRoutes
from entrepot.features.artifacts.routes import ContentRoutes
from entrepot.features.artifacts.service import Artifacts
from entrepot.kernel.feature import Feature
from entrepot.kernel.feature import Parts
from entrepot.registry.api_callers import ApiCallers
from entrepot.registry.platform import Platform


def artifact_parts(platform: Platform, known: FactsKnown) -> Parts:
    """Return what artifacts add to a running application; `known` is told of what facts are derived."""
    database, rights, callers = platform.database, platform.rights, ApiCallers(platform.rights)
    derivation = FactsDerivation(database, platform.pull, platform.clock, known)
    database.write_now(derivation.request_catch_up)
    artifacts = Artifacts(database, rights, platform.repositories, platform.referrers)
    content = ArtifactContent(database, rights, platform.pull)
    deleted = Bin(database, rights, platform.delete, platform.undelete, platform.clock)
    freeing = Freeing(rights, platform.collecting.promises, platform.four_eyes)
    return Parts(
        routes=(
            ArtifactRoutes(artifacts, callers).router(),
            ContentRoutes(content, callers).router(),
            BinRoutes(deleted, freeing, callers).router(),
        ),
        listeners=(ArrivedArtifacts(derivation),),
        jobs=job_kinds(derivation),
    )


feature: Feature[object] = Feature(
    name="artifacts",
    needs=("descriptions", "labels", "usage"),
    commands=(repo_commands, artifact_commands, tag_commands),
)
