# SPDX-License-Identifier: Apache-2.0
"""Asks the gates that are mounted, within their deadline."""

from collections.abc import Coroutine
from collections.abc import Generator
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from dataclasses import replace
from typing import Any

from entrepot.kernel.errors import Unavailable
from entrepot.kernel.patience import patience
from entrepot.oci.digest import Digest
from entrepot.oci.errors import Denied
from entrepot.registry.hooks import MAX_DENIAL_CHARACTERS
from entrepot.registry.hooks import MAX_WARNING_CHARACTERS
from entrepot.registry.hooks import Allow
from entrepot.registry.hooks import Deny
from entrepot.registry.hooks import Gate
from entrepot.registry.hooks import GateContext
from entrepot.registry.hooks import Operation
from entrepot.registry.hooks import Verdict
from entrepot.registry.hooks import Warn


class GateUndecided(Unavailable):
    """A rule of this registry could not be looked at in time."""

    code = "gate_undecided"


@dataclass(frozen=True, slots=True)
class _Undecided:
    """What a gate that is late or fails says by not saying anything: no, for now."""

    reason: str


class Gates:
    """Every mounted gate, by the operation it wants to be asked about."""

    def __init__(self, gates: Iterable[Gate] = ()) -> None:
        self._by_operation: dict[Operation, tuple[Gate, ...]] = dict.fromkeys(Operation, ())
        self.mount(gates)

    def mount(self, gates: Iterable[Gate]) -> None:
        """Add gates, to be asked after those that are mounted. For wiring, before the first request."""
        for gate in gates:
            for operation in gate.operations:
                self._by_operation[operation] += (gate,)

    def watches(self, operation: Operation) -> bool:
        """Tell whether any gate wants to be asked about `operation`."""
        return bool(self._by_operation[operation])

    async def check(self, context: GateContext) -> list[str]:
        """Ask every gate; return their warnings.

        Raises `oci.errors.Denied` with the first denial, and `GateUndecided` when nobody denies and somebody who
        might have does not decide: the same request may pass a moment later.
        """
        gates = self._by_operation[context.operation]
        if not gates:
            return []
        verdicts = [await _ask(gate, context) for gate in gates]
        for verdict in verdicts:
            if isinstance(verdict, Deny):
                raise Denied(one_line(verdict.reason, MAX_DENIAL_CHARACTERS))
        for verdict in verdicts:
            if isinstance(verdict, _Undecided):
                raise GateUndecided(one_line(verdict.reason, MAX_DENIAL_CHARACTERS))
        return [one_line(verdict.text, MAX_WARNING_CHARACTERS) for verdict in verdicts if isinstance(verdict, Warn)]

    async def check_blob(self, context: GateContext, manifests: Iterable[Digest]) -> list[str]:
        """Ask about a blob through the manifests that list it: one that is allowed is enough.

        Raises the first denial when there is none, `GateUndecided` when there might
        be one, or `Denied` when nothing lists the blob: then only the push that
        leases it may read it.
        """
        denial: Denied | None = None
        undecided: GateUndecided | None = None
        for manifest in manifests:
            try:
                return await self.check(replace(context, manifest_digest=manifest))
            except Denied as denied:
                denial = denial or denied
            except GateUndecided as late:
                undecided = undecided or late
        raise undecided or denial or Denied("no manifest that you may read lists this blob")


async def _ask(gate: Gate, context: GateContext) -> Verdict | _Undecided:
    verdict: object = None
    with suppress(Exception):  # a gate that fails must never open the way by accident
        check = gate.check(context)
        try:
            # A gate that answers from memory ends here; only one that waits gets a deadline, which costs 20 µs.
            waits_for = check.send(None)
        except StopIteration as answer:
            verdict = answer.value
        else:
            async with patience(context.operation.gate_deadline_seconds, last_share=0.5):
                verdict = await _Rest(check, waits_for)
    if isinstance(verdict, Deny):
        return verdict if verdict.reason else Deny(f"{gate.name} could not decide")
    if isinstance(verdict, Allow | Warn):
        return verdict
    if isinstance(gate.on_error, Deny):
        return _Undecided(gate.on_error.reason or f"{gate.name} could not decide")
    return gate.on_error


class _Rest:
    """What is left of a coroutine that was begun and waits."""

    def __init__(self, begun: Coroutine[Any, Any, Verdict], waits_for: Any) -> None:
        self._begun = begun
        self._waits_for = waits_for

    def __await__(self) -> Generator[Any, Any, Verdict]:
        waits_for = self._waits_for
        while True:
            try:
                try:
                    sent = yield waits_for
                except BaseException as error:  # noqa: BLE001 - passed on, cancellation too
                    waits_for = self._begun.throw(error)
                else:
                    waits_for = self._begun.send(sent)
            except StopIteration as answer:
                verdict: Verdict = answer.value
                return verdict


def one_line(text: str, limit: int) -> str:
    """Fold `text` into one printable line of at most `limit` characters."""
    line = " ".join("".join(character if character.isprintable() else " " for character in text).split())
    return line if len(line) <= limit else line[: limit - 3] + "..."
