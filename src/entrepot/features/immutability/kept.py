# SPDX-License-Identifier: Apache-2.0
"""Which tags of a repository the rules keep from being deleted, for whoever plans to delete many."""

from collections.abc import Iterable

from sqlalchemy import Connection

from entrepot.features.immutability import store
from entrepot.features.immutability.evaluate import Layers
from entrepot.features.immutability.evaluate import Ruling
from entrepot.features.immutability.evaluate import read_rules
from entrepot.features.immutability.evaluate import ruling
from entrepot.features.immutability.models import NOUN
from entrepot.features.immutability.models import Deed
from entrepot.kernel.clock import Milliseconds
from entrepot.oci.digest import is_ordinary_tag
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import TagName
from entrepot.oci.reference import namespace_of
from entrepot.registry.store import rule_books as books
from entrepot.registry.store.rule_books import REGISTRY


def kept_tags(
    connection: Connection, repository: RepositoryName, tags: Iterable[TagName], now: Milliseconds
) -> dict[TagName, str]:
    """Return those of the tags that nobody deletes now, each with the reason. Overrides, for people, say nothing."""
    own, registry = (
        read_rules(project, store.decode(books.find(connection, NOUN, project).rules))
        for project in (namespace_of(repository), REGISTRY)
    )
    layers = Layers(own, registry)
    if not layers.keeps_any(repository):
        return {}
    found: dict[TagName, str] = {}
    for tag in tags:
        rule = layers.deciding(repository, tag, now) if is_ordinary_tag(tag) else None
        if rule is not None and ruling(rule.rule.effect, tag, Deed.DELETE) is Ruling.KEPT:
            found[tag] = f"immutable by rule {rule.number} of {rule.project or 'the registry'}"
    return found
