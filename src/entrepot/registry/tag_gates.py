# SPDX-License-Identifier: Apache-2.0
"""Asking the gates before a tag is pointed at something, whichever use case does it."""

from dataclasses import replace

from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import TagName
from entrepot.registry.core import Core
from entrepot.registry.hooks import GateContext
from entrepot.registry.hooks import Operation
from entrepot.registry.store import manifests


async def ask_about_tag(core: Core, about: GateContext, tag: TagName) -> list[str]:
    """Ask the gates about pointing `tag` at `about.digest`; return their warnings. Raises `Denied`."""
    current = await core.database.read(manifests.by_tag, RepositoryName(about.repository), tag)
    operation = Operation.TAG_SET if current is None else Operation.TAG_MOVE
    previous = None if current is None else current.digest
    return await core.gates.check(replace(about, operation=operation, tag=tag, previous_digest=previous))
