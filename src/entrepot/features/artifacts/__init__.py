# SPDX-License-Identifier: Apache-2.0
"""What is in the registry, for people: repositories, their tags, and the facts about each artifact.

The facts (type, platforms, labels, layers) are derived from content after the
push, by a listener and a job; until then the type is `pending`. The lists of
repositories and of tags are here because they are the way to an artifact and say
what each tag is; the core has the lists of the distribution protocol and knows
no types. See docs/how-to/artifacts.md.
"""

from entrepot.features.artifacts.models import ArtifactType
from entrepot.features.artifacts.recognise import recognise as artifact_type_of
from entrepot.features.artifacts.store import Described
from entrepot.features.artifacts.store import Traits
from entrepot.features.artifacts.store import described
from entrepot.features.artifacts.store import repositories_expiring
from entrepot.features.artifacts.store import traits
from entrepot.features.artifacts.store import types as artifact_types

__all__ = [
    "ArtifactType",
    "Described",
    "Traits",
    "artifact_type_of",
    "artifact_types",
    "described",
    "repositories_expiring",
    "traits",
]
