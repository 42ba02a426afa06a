# SPDX-License-Identifier: Apache-2.0
"""Labels and notes in the management API."""

from typing import Annotated

from fastapi import APIRouter
from fastapi import Path
from starlette.requests import Request

from entrepot.features.labels.models import check_note
from entrepot.features.labels.models import parse_labels
from entrepot.features.labels.notes import Notes
from entrepot.features.labels.schemas import LabelChanges
from entrepot.features.labels.schemas import LabelList
from entrepot.features.labels.schemas import NoteItem
from entrepot.features.labels.schemas import NoteList
from entrepot.features.labels.schemas import NoteText
from entrepot.features.labels.service import Labels
from entrepot.infra.http.permission import in_repository
from entrepot.infra.http.permission import takes
from entrepot.infra.http.router import RepositoryPath
from entrepot.infra.http.router import api_router
from entrepot.kernel.access import Action
from entrepot.kernel.access import Principal
from entrepot.oci.digest import Digest
from entrepot.oci.digest import parse_digest
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import parse_repository_name
from entrepot.registry.api_callers import ApiCallers

DigestPath = Annotated[str, Path(description="Algorithm and hash.", examples=[f"sha256:{'0' * 64}"])]
NotePath = Annotated[str, Path(description="The id of a note.", max_length=64)]

_PUSH, _POLICY, _ADMIN = in_repository(Action.PUSH), in_repository(Action.MANAGE_POLICY), in_repository(Action.ADMIN)


class LabelRoutes:
    """The endpoints of labels and of notes."""

    def __init__(self, labels: Labels, notes: Notes, callers: ApiCallers) -> None:
        self._labels = labels
        self._notes = notes
        self._callers = callers

    def router(self) -> APIRouter:
        """Return the routes, below `/api/v1`."""
        router = api_router("labels")
        artifact = "/repositories/{name:path}/-/artifacts/{digest}"
        router.add_api_route(f"{artifact}/labels", self.list_labels)
        router.add_api_route(f"{artifact}/labels", self.change_labels, methods=["PATCH"])
        router.add_api_route(f"{artifact}/notes", self.list_notes)
        router.add_api_route(f"{artifact}/notes", self.write_note, methods=["POST"], status_code=201)
        router.add_api_route(f"{artifact}/notes/{{note}}", self.change_note, methods=["PUT"])
        router.add_api_route(f"{artifact}/notes/{{note}}", self.delete_note, methods=["DELETE"], status_code=204)
        return router

    @takes(in_repository(Action.READ))
    async def list_labels(self, request: Request, name: RepositoryPath, digest: DigestPath) -> LabelList:
        """List the labels of an artifact, and who put each there."""
        return LabelList.of(await self._labels.show(await self._caller(request), *_place(name, digest)))

    @takes(_PUSH, _POLICY)
    async def change_labels(
        self, request: Request, name: RepositoryPath, digest: DigestPath, wanted: LabelChanges
    ) -> LabelList:
        """Set labels of an artifact, and remove others; what is not named stays as it is.

        They stay while the artifact is in the bin, and come back with it. Rules may keep or delete artifacts by them.
        """
        caller, labels = await self._caller(request), parse_labels(wanted.labels)
        return LabelList.of(await self._labels.change(caller, *_place(name, digest), labels))

    @takes(in_repository(Action.READ))
    async def list_notes(self, request: Request, name: RepositoryPath, digest: DigestPath) -> NoteList:
        """List the notes on an artifact, the first one first."""
        caller = await self._caller(request)
        notes = await self._notes.show(caller, *_place(name, digest))
        return NoteList(items=[NoteItem.shown_to(note, caller.identity) for note in notes])

    @takes(_PUSH, _POLICY)
    async def write_note(
        self, request: Request, name: RepositoryPath, digest: DigestPath, wanted: NoteText
    ) -> NoteItem:
        """Write a note on an artifact, in Markdown."""
        caller, text = await self._caller(request), check_note(wanted.text)
        note = await self._notes.write(caller, *_place(name, digest), text)
        return NoteItem.shown_to(note, caller.identity)

    @takes(_PUSH, _POLICY)
    async def change_note(
        self, request: Request, name: RepositoryPath, digest: DigestPath, note: NotePath, wanted: NoteText
    ) -> NoteItem:
        """Give a note of yours another text."""
        caller, text = await self._caller(request), check_note(wanted.text)
        changed = await self._notes.change(caller, *_place(name, digest), note, text)
        return NoteItem.shown_to(changed, caller.identity)

    @takes(_PUSH, _POLICY, _ADMIN)
    async def delete_note(self, request: Request, name: RepositoryPath, digest: DigestPath, note: NotePath) -> None:
        """Delete a note of yours; an administrator of the repository deletes anybody's."""
        await self._notes.delete(await self._caller(request), *_place(name, digest), note)

    async def _caller(self, request: Request) -> Principal:
        return (await self._callers.identify(request.scope, request.receive)).principal


def _place(name: str, digest: str) -> tuple[RepositoryName, Digest]:
    return parse_repository_name(name), parse_digest(digest)
