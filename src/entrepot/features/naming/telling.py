# SPDX-License-Identifier: Apache-2.0
"""What is said to whoever a rule about names refuses, and of rules that were changed."""

from collections.abc import Mapping
from collections.abc import Sequence

from entrepot.features.artifacts import ArtifactType
from entrepot.features.naming.evaluate import ReadRule
from entrepot.features.naming.models import Rule

_SHOWN_CHARACTERS = 150


def refusal_of_repository(found: ReadRule, repository: str) -> str:
    """Say that a new repository has the wrong name, and which would be allowed."""
    called = _listed(found.rule.names)
    return f"{named(found)} wants new repositories to be called {called}, and {repository} is not: choose another name"


def refusal_of_tag(found: ReadRule, repository: str, tag: str) -> str:
    """Say that a new tag has the wrong name, and which would be allowed."""
    called = _listed(found.rule.tags)
    return f"{named(found)} wants new tags to be called {called}, and {repository}:{tag} is not: choose another tag"


def refusal_of_type(found: ReadRule, repository: str, artifact_type: ArtifactType) -> str:
    """Say that such artifacts are not pushed here, and which are."""
    allowed = _listed([each.value for each in found.rule.artifact_types])
    return (
        f"{named(found)} takes only artifacts of the type {allowed} in {_short(found.rule.repositories)}, and this is "
        f"of the type {artifact_type}: push it to a repository other than {repository}"
    )


def named(found: ReadRule) -> str:
    """Say which rule it is."""
    return f"naming rule {found.number} of {found.project or 'the registry'}"


def plain(rule: Rule) -> Mapping[str, object]:
    """Return a rule as plain values."""
    return {
        "repositories": rule.repositories,
        "names": list(rule.names),
        "tags": list(rule.tags),
        "artifact_types": [each.value for each in rule.artifact_types],
        "description": rule.description,
    }


def _listed(allowed: Sequence[str]) -> str:
    return _short(" or ".join(allowed))


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[: _SHOWN_CHARACTERS - 3]}..."
