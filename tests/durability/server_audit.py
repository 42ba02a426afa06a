# SPDX-License-Identifier: Apache-2.0
"""Looking at what a traced server left behind: Entrepot itself starts on it, verifies it, and answers requests."""

import asyncio
import base64
import json
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr
from sqlalchemy.exc import DatabaseError

from entrepot.entry.configuration import Settings
from entrepot.entry.instance import Instance
from entrepot.entry.serve import prepare
from entrepot.entry.server import Server
from entrepot.entry.wiring import build_instance
from entrepot.infra.database.engine import Database
from entrepot.kernel.errors import AppError
from entrepot.registry.core import Core
from entrepot.registry.findings import Severity
from entrepot.registry.verify import Options
from entrepot.registry.verify import verify_report
from tests.builders.application import Client
from tests.durability.audit import integrity
from tests.durability.operations import Acknowledge
from tests.durability.server_workload import PASSWORD
from tests.durability.server_workload import Promise


@dataclass(frozen=True, slots=True)
class ServerAudit:
    """Checks a data folder against what the acknowledgements of a run promised, in order."""

    promises: Sequence[Promise]

    def __call__(self, data: Path, acknowledged: Sequence[Acknowledge]) -> list[str]:
        """Return what is wrong, as `power_cut.Check` does."""
        settings = Settings(data_dir=data, bootstrap_admin_password=SecretStr(PASSWORD))
        try:
            prepare(settings)
            instance = build_instance(settings)
        except (AppError, DatabaseError) as error:
            return [f"the server does not start again: {_line(error)}"]
        try:
            return [
                *_damage(instance.core.database),
                *asyncio.run(self._faults(instance, len(acknowledged))),
            ]
        except (AppError, DatabaseError) as error:
            return [f"the server does not answer: {_line(error)}"]
        finally:
            instance.passwords.close()
            instance.core.database.close()

    async def _faults(self, instance: Instance, told: int) -> list[str]:
        return [*await _violations(instance.core), *await self._broken(instance, told)]

    async def _broken(self, instance: Instance, told: int) -> list[str]:
        """Ask for everything; the request that came after the last acknowledged one may have been carried out."""
        credentials = base64.b64encode(f"admin:{PASSWORD}".encode()).decode()
        client = Client(Server(instance), (("authorization", f"Basic {credentials}"), ("accept", "*/*")))
        faults = []
        for path, allowed in possible(self.promises, told).items():
            found = await _content(client, path)
            if found not in allowed:
                faults.append(f"{path} is {_short(found)}, promised: {' or '.join(map(_short, allowed))}")
        return faults


def possible(promises: Sequence[Promise], told: int) -> dict[str, list[bytes | None]]:
    """Return what may be at each path after so many promises, while the request of the next one is under way.

    The first content is the promised one.
    """
    state: dict[str, bytes | None] = {path: None for promise in promises[: told + 1] for path in promise}
    for promise in promises[:told]:
        state.update(promise)
    following = promises[told] if told < len(promises) else {}
    return {path: [*dict.fromkeys((content, following.get(path, content)))] for path, content in state.items()}


def _damage(database: Database) -> Iterator[str]:
    state = database.snapshot_now(integrity)
    if state != "ok":
        yield f"the database is damaged: {state}"


async def _violations(core: Core) -> list[str]:
    """Check every rule, with the bytes of every object."""
    report = await verify_report(core.database, core.stores, core.clock, Options(is_deep=True, pause=_no_pause))
    found = [finding for finding in report.findings if finding.severity is Severity.VIOLATION]
    return [f"{finding.rule}: {finding.subject}: {finding.message}" for finding in found]


async def _no_pause(_seconds: float) -> None:
    """Nobody else changes anything, so there is nothing to wait for."""


async def _content(client: Client, path: str) -> bytes | None:
    answer = await client.get(path)
    if answer.status != 200:
        return None if answer.status == 404 else answer.body
    if "/referrers/" in path:
        return " ".join(listed["digest"] for listed in json.loads(answer.body)["manifests"]).encode() or None
    return answer.body


def _short(content: bytes | None) -> str:
    return "nothing" if content is None else f"{len(content)} bytes {content[:60]!r}"


def _line(error: Exception) -> str:
    return str(error).partition("\n")[0]
