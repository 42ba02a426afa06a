# SPDX-License-Identifier: Apache-2.0
"""Naming at the gates of the registry: what is new, and what is pushed."""

from collections.abc import Iterator

from entrepot.features.artifacts import ArtifactType
from entrepot.features.artifacts import artifact_type_of
from entrepot.features.naming import store
from entrepot.features.naming.evaluate import ReadRule
from entrepot.features.naming.evaluate import read_rules
from entrepot.features.naming.models import NOUN
from entrepot.features.naming.telling import refusal_of_repository
from entrepot.features.naming.telling import refusal_of_tag
from entrepot.features.naming.telling import refusal_of_type
from entrepot.infra.database.engine import Database
from entrepot.oci.digest import is_ordinary_tag
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import namespace_of
from entrepot.registry.hooks import Allow
from entrepot.registry.hooks import Deny
from entrepot.registry.hooks import GateContext
from entrepot.registry.hooks import Operation
from entrepot.registry.hooks import Verdict
from entrepot.registry.rule_books import InForce
from entrepot.registry.store import repositories
from entrepot.registry.store.rule_books import REGISTRY
from entrepot.registry.store.rule_books import Book

_ATTACHED = frozenset({ArtifactType.SIGNATURE, ArtifactType.ATTESTATION, ArtifactType.SBOM})


class NamingGate:
    """Refuses new names that are not as the rules say, and artifacts that are not to be pushed there.

    Answers from memory; whether a repository is new is looked up only where its name is not as a rule says.
    """

    name = "naming"
    on_error: Verdict = Deny("the rules about names could not be looked at in time; try again")
    operations = frozenset({Operation.UPLOAD_START, Operation.MANIFEST_WRITE, Operation.TAG_SET})

    def __init__(self, database: Database) -> None:
        """Read the rules. Blocks: for start-up. Raises `DatabaseUnavailable`."""
        self._database = database
        self.in_force: InForce[ReadRule] = InForce(database, NOUN, _read)

    async def check(self, context: GateContext) -> Verdict:
        """Decide."""
        rules = await self.rules_about(context.repository)
        if not rules:
            return Allow()
        if context.operation is Operation.TAG_SET:
            reason = _refusal_of_tag(rules, context)
        else:
            reason = await self._refusal_of_repository(rules, context) or _refusal_of_type(rules, context)
        return Deny(reason) if reason else Allow()

    async def rules_about(self, repository: str) -> list[ReadRule]:
        """Return the rules that are about a repository, those of the registry first; all of them count."""
        await self.in_force.current()
        return [] if self.in_force.is_empty else list(self._about(repository))

    def _about(self, repository: str) -> Iterator[ReadRule]:
        for project in (REGISTRY, namespace_of(RepositoryName(repository))):
            yield from (each for each in self.in_force.of(project) if each.is_about(repository))

    async def _refusal_of_repository(self, rules: list[ReadRule], context: GateContext) -> str:
        found = next((each for each in rules if not each.allows_repository(context.repository)), None)
        if found is None:
            return ""
        there = await self._database.read(repositories.visible_among, [context.repository])
        if there:
            return ""
        return refusal_of_repository(found, context.repository)


def _refusal_of_tag(rules: list[ReadRule], context: GateContext) -> str:
    tag = context.tag
    if tag is None or not is_ordinary_tag(tag):
        return ""
    found = next((each for each in rules if not each.allows_tag(tag)), None)
    return refusal_of_tag(found, context.repository, tag) if found else ""


def _refusal_of_type(rules: list[ReadRule], context: GateContext) -> str:
    """Return what is said to a type that is not allowed.

    What is attached to an artifact goes with it: it has a subject, or says something of an artifact and has no tag
    that somebody chose, as attestations within an index.
    """
    manifest = context.manifest
    if manifest is None or manifest.subject is not None:
        return ""
    artifact_type = artifact_type_of(manifest)
    if artifact_type in _ATTACHED and not any(map(is_ordinary_tag, context.tags)):
        return ""
    found = next((each for each in rules if not each.allows_type(artifact_type)), None)
    return refusal_of_type(found, context.repository, artifact_type) if found else ""


def _read(book: Book) -> tuple[ReadRule, ...]:
    return read_rules(book.project, store.decode(book.rules))
