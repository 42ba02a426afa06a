# SPDX-License-Identifier: Apache-2.0
"""The use cases of descriptions."""

from sqlalchemy import Connection

from entrepot.features.descriptions import store
from entrepot.features.descriptions.errors import DescriptionChanged
from entrepot.features.descriptions.models import Described
from entrepot.features.descriptions.models import Description
from entrepot.features.descriptions.models import Kind
from entrepot.features.descriptions.models import Place
from entrepot.features.projects import ProjectName
from entrepot.features.projects import ProjectRights
from entrepot.features.projects import require_existing
from entrepot.kernel.access import Action
from entrepot.kernel.access import Principal
from entrepot.kernel.changes import Change
from entrepot.oci.digest import digest_of
from entrepot.oci.errors import NameUnknown
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import namespace_of
from entrepot.registry.announcing import Told
from entrepot.registry.announcing import announce
from entrepot.registry.platform import Platform
from entrepot.registry.store import repositories


class Descriptions:
    """What projects and repositories are, and whose. Who may read something of them sees it."""

    def __init__(self, platform: Platform, project_rights: ProjectRights) -> None:
        self._database = platform.database
        self._rights = platform.rights
        self._modes = platform.modes
        self._clock = platform.clock
        self._project_rights = project_rights

    async def show(self, principal: Principal, name: RepositoryName) -> Described:
        """Return what is said of a repository. Raises as `Rights.require`, and `NameUnknown`."""
        await self._rights.require(principal, Action.READ, name)
        return await self._database.snapshot(_show, name)

    async def show_project(self, principal: Principal, project: ProjectName) -> Described:
        """Return what is said of a project. Raises as `ProjectRights.require_reading`."""
        await self._project_rights.require_reading(principal, project)
        return await self._database.read(store.find, Place(Kind.PROJECT, project, project))

    async def change(
        self, principal: Principal, name: RepositoryName, wanted: Description, revision: int | None
    ) -> Described:
        """Say something else of a repository, if what is said still has that revision.

        Takes the right to administer it. Raises as `Rights.require`, `RefusedByMode`, `NameUnknown` and
        `DescriptionChanged`.
        """
        await self._rights.require(principal, Action.ADMIN, name)
        return await self._change(principal, Place(Kind.REPOSITORY, name, namespace_of(name)), wanted, revision)

    async def change_project(
        self, principal: Principal, project: ProjectName, wanted: Description, revision: int | None
    ) -> Described:
        """Say something else of a project.

        Raises as `ProjectRights.require_administering`, `RefusedByMode`, `ProjectUnknown` and `DescriptionChanged`.
        """
        await self._project_rights.require_administering(principal, project, Action.ADMIN)
        return await self._change(principal, Place(Kind.PROJECT, project, project), wanted, revision)

    async def _change(self, principal: Principal, place: Place, wanted: Description, revision: int | None) -> Described:
        await self._modes.require_changing(place.name)
        described = Described(wanted, revision if revision is not None else -1, self._clock(), principal.identity)
        return await self._database.write_locked(_change, place, described)


def forget_descriptions(connection: Connection, project: str) -> None:
    """Forget what was said of a project that is deleted: another one of its name inherits nothing."""
    store.remove_within(connection, project)


def _show(connection: Connection, name: RepositoryName) -> Described:
    repository = repositories.find(connection, name)
    if repository is None or not repository.is_visible:
        raise NameUnknown(detail={"name": name})
    return store.find(connection, Place(Kind.REPOSITORY, name, namespace_of(name)))


def _change(connection: Connection, place: Place, wanted: Described) -> Described:
    """Say what is wanted, where the revision is the one that it names; -1 is any."""
    _require_there(connection, place)
    before = store.find(connection, place, is_to_change=True)
    if wanted.revision not in (-1, before.revision):
        raise DescriptionChanged(
            f"the description has the revision {before.revision} by now, and not {wanted.revision}"
        )
    if before.description == wanted.description:
        return before
    after = Described(wanted.description, before.revision + 1, wanted.changed_at, wanted.changed_by)
    store.put(connection, place, after)
    announce(connection, Change.DESCRIPTION_CHANGED, wanted.changed_at, _told(place, before, after))
    return after


def _require_there(connection: Connection, place: Place) -> None:
    if place.kind is Kind.PROJECT:
        require_existing(connection, ProjectName(place.name))
    elif repositories.lock_seen(connection, RepositoryName(place.name)) is None:
        raise NameUnknown(detail={"name": place.name})


def _told(place: Place, before: Described, after: Described) -> Told:
    return Told(
        object=f"description:{place.name}",
        project=place.project,
        repository=place.name if place.kind is Kind.REPOSITORY else "",
        before=_plain(before.description) if before.revision else None,
        after=_plain(after.description),
    )


def _plain(said: Description) -> dict[str, object]:
    """Tell a text by its digest and size: the record of who changed it need not hold it again and again."""
    text = said.text.encode()
    return {
        "summary": said.summary,
        "owner": str(said.owner or ""),
        "text": digest_of(text) if text else "",
        "text_bytes": len(text),
    }
