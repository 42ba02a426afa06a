# SPDX-License-Identifier: Apache-2.0
"""What gates are asked, and what becomes of their verdicts."""

import asyncio
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from entrepot.oci.digest import Digest
from entrepot.oci.digest import digest_of
from entrepot.oci.errors import Denied
from entrepot.registry.gates import Gates
from entrepot.registry.gates import GateUndecided
from entrepot.registry.gates import one_line
from entrepot.registry.hooks import Allow
from entrepot.registry.hooks import Deny
from entrepot.registry.hooks import GateContext
from entrepot.registry.hooks import Operation
from entrepot.registry.hooks import Verdict
from entrepot.registry.hooks import Warn
from tests.unit.registry.planted import PlantedGate

pytestmark = pytest.mark.anyio

ALICE = Principal(PrincipalKind.USER, "alice")
READ = GateContext(Operation.MANIFEST_READ, ALICE, "team/app")
BLOB = digest_of(b"a blob")
ONE, OTHER = digest_of(b"one manifest"), digest_of(b"the other")


class LateGate(PlantedGate):
    """Says yes after the deadline; `cancelled` tells that nobody waited for it."""

    cancelled = False

    async def check(self, context: GateContext) -> Verdict:
        """Wait for ever."""
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.cancelled = True
            raise
        return Allow()


class SlowGate(PlantedGate):
    """Says yes after 200 ms."""

    async def check(self, context: GateContext) -> Verdict:
        """Take its time."""
        await asyncio.sleep(0.2)
        return Allow()


class BrokenGate(PlantedGate):
    """Raises what it is given."""

    def __init__(self, error: Exception) -> None:
        super().__init__(name="broken")
        self._error = error

    async def check(self, context: GateContext) -> Verdict:
        """Fail."""
        raise self._error


class SilentGate(PlantedGate):
    """Forgets to decide."""

    async def check(self, context: GateContext) -> Verdict:
        """Return no verdict."""
        return None  # type: ignore[return-value]


async def refusal(gates: Gates, context: GateContext = READ) -> str:
    """Return the message of the denial."""
    with pytest.raises(Denied) as caught:
        await gates.check(context)
    return caught.value.message


async def test_without_gates_everything_is_allowed() -> None:
    """A core without gates asks nobody."""
    gates = Gates()

    assert await gates.check(READ) == []
    assert not gates.watches(Operation.MANIFEST_READ)


async def test_a_gate_is_asked_about_its_operations_only() -> None:
    """A gate says where it wants to be asked."""
    gate = PlantedGate(operations=frozenset({Operation.MANIFEST_WRITE}))
    gates = Gates([gate])
    await gates.check(READ)
    await gates.check(GateContext(Operation.MANIFEST_WRITE, ALICE, "team/app"))

    assert [context.operation for context in gate.asked] == [Operation.MANIFEST_WRITE]
    assert gates.watches(Operation.MANIFEST_WRITE)


async def test_all_gates_are_asked_in_declared_order() -> None:
    """A denial keeps nobody from being asked: other gates may count or log."""
    order: list[str] = []

    def noting(name: str, verdict: Verdict) -> PlantedGate:
        def decide(_: GateContext) -> Verdict:
            order.append(name)
            return verdict

        return PlantedGate(decide)

    gates = Gates([noting("first", Deny("no")), noting("second", Allow())])
    gates.mount([noting("third", Warn("careful"))])
    await refusal(gates)

    assert order == ["first", "second", "third"]


async def test_one_denial_wins() -> None:
    """Whatever the others say, the first denial is the answer."""
    gates = Gates([PlantedGate(Warn("careful")), PlantedGate(Deny("no")), PlantedGate(Deny("never"))])

    assert await refusal(gates) == "no"


async def test_warnings_add_up() -> None:
    """Every gate's warning reaches the client, in order."""
    gates = Gates([PlantedGate(Warn("one")), PlantedGate(Allow()), PlantedGate(Warn("two"))])

    assert await gates.check(READ) == ["one", "two"]


async def test_a_warning_is_one_line_of_two_hundred_characters() -> None:
    """A gate's text cannot break the header it is put into."""
    (warning,) = await Gates([PlantedGate(Warn("first\r\nSet-Cookie: x\t\x00" + "y" * 300))]).check(READ)

    assert warning.startswith("first Set-Cookie: x yyy")
    assert len(warning) == 200
    assert warning.isprintable()


async def test_a_denial_is_one_line_of_five_hundred_characters() -> None:
    """A gate's reason stays readable in a terminal."""
    message = await refusal(Gates([PlantedGate(Deny("because\n" + "y" * 600))]))

    assert message.startswith("because yyy")
    assert len(message) == 500
    assert message.isprintable()


@given(st.text(max_size=300), st.integers(4, 250))
def test_any_text_becomes_one_printable_line(text: str, limit: int) -> None:
    """Whatever a gate says, it is one printable line within the limit, and a short plain text is left as it is."""
    line = one_line(text, limit)

    assert len(line) <= limit
    assert line.isprintable()
    assert one_line(line, limit) == line


@pytest.mark.parametrize("gate", [LateGate(), BrokenGate(RuntimeError("x")), BrokenGate(TimeoutError()), SilentGate()])
async def test_a_gate_that_does_not_decide_denies(gate: PlantedGate) -> None:
    """Late, failed or forgotten, a gate that did not say yes says no for now, under its own name; a denial wins."""
    with pytest.raises(GateUndecided, match=f"{gate.name} could not decide"):
        await Gates([gate]).check(READ)

    assert await refusal(Gates([gate, PlantedGate(Deny("no"))])) == "no"


async def test_a_blob_that_nobody_decides_about_is_asked_for_again() -> None:
    """Where one manifest is denied and a gate is late about another, the blob may be readable a moment later."""
    late = LateGate(name="late")
    gates = Gates([PlantedGate(lambda context: Deny("no") if context.manifest_digest == ONE else Allow()), late])

    with pytest.raises(GateUndecided):
        await gates.check_blob(GateContext(Operation.BLOB_READ, ALICE, "team/app", digest=BLOB), [ONE, OTHER])


@pytest.mark.parametrize("kind", [LateGate, SilentGate])
async def test_a_gate_may_choose_what_its_failure_means(kind: type[PlantedGate]) -> None:
    """`on_error` of a gate that only advises lets the request pass, with a warning if it says so."""
    gates = Gates([kind(on_error=Allow()), kind(on_error=Warn("not scanned")), PlantedGate(Warn("careful"))])

    assert await gates.check(READ) == ["not scanned", "careful"]


async def test_a_late_gate_is_given_up() -> None:
    """After 50 ms nobody waits for a gate, and its work is cancelled."""
    gate = LateGate(on_error=Allow())
    begun = asyncio.get_running_loop().time()
    await Gates([gate]).check(READ)
    waited = asyncio.get_running_loop().time() - begun

    assert gate.cancelled
    assert waited >= 0.05


@pytest.mark.parametrize("operation", sorted(Operation))
async def test_what_changes_something_waits_for_its_gates(operation: Operation) -> None:
    """As for any other part of it that the database is needed for; a pull waits for nothing."""
    asked = Gates([SlowGate(name="slow")]).check(replace(READ, operation=operation))
    is_read = operation in (Operation.MANIFEST_READ, Operation.BLOB_READ, Operation.MOUNT)

    if is_read:
        with pytest.raises(GateUndecided):
            await asked
    else:
        assert await asked == []


async def test_a_client_that_goes_away_ends_the_asking() -> None:
    """The cancellation of a request is not the failure of a gate."""
    gate = LateGate(on_error=Allow())
    asking = asyncio.create_task(Gates([gate]).check(READ))
    await asyncio.sleep(0)
    asking.cancel()

    with pytest.raises(asyncio.CancelledError):
        await asking


async def test_a_blob_is_readable_through_one_allowed_manifest() -> None:
    """A blob that several manifests list is refused only if each of them is."""
    gate = PlantedGate(lambda context: Allow() if context.manifest_digest == OTHER else Deny("vulnerable"))
    context = GateContext(Operation.BLOB_READ, ALICE, "team/app", digest=BLOB)
    gates = Gates([gate])

    assert await gates.check_blob(context, [ONE, OTHER]) == []
    assert [(asked.digest, asked.manifest_digest) for asked in gate.asked] == [(BLOB, ONE), (BLOB, OTHER)]


@pytest.mark.parametrize(
    ("manifests", "expected"), [([ONE, OTHER], "vulnerable"), ([], "no manifest that you may read lists this blob")]
)
async def test_a_blob_without_an_allowed_manifest_is_refused(manifests: list[Digest], expected: str) -> None:
    """The first denial is the answer; a blob that nothing lists is nobody's to read."""
    gates = Gates([PlantedGate(Deny("vulnerable"))])
    with pytest.raises(Denied) as caught:
        await gates.check_blob(GateContext(Operation.BLOB_READ, ALICE, "team/app", digest=BLOB), manifests)

    assert caught.value.message == expected
