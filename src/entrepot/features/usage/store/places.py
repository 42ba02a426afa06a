# SPDX-License-Identifier: Apache-2.0
"""What figures are asked about: a repository, or all of a project."""

from sqlalchemy import Column
from sqlalchemy import ColumnElement
from sqlalchemy import select

from entrepot.registry.store.repositories import RepositoryId
from entrepot.registry.tables import repositories

Place = RepositoryId | str
"""A repository, or all that are listed of the project of that name."""


def of_place(repo_id: Column[int], place: Place) -> ColumnElement[bool]:
    """Return that a row is about the repository, or about one of the project."""
    if isinstance(place, int):
        return repo_id == place
    listed = select(repositories.c.id).where(repositories.c.namespace == place, repositories.c.visible_at.is_not(None))
    return repo_id.in_(listed)
