# SPDX-License-Identifier: Apache-2.0
"""Backups and the collector, as seen by objects: what a backup names stays until it has ended, and no longer.

Transactions are taken apart where another one can come in between. What one has
not committed is invisible to all others. By the clock an object may be older
than one that was made before it.
"""

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from types import MappingProxyType
from typing import Any
from typing import NamedTuple

from tests.model.search import Exploration
from tests.model.search import explore

NOTHING, LIVE, BURYING, DEAD, FOUND, HELD, FREE, GONE = "", "live", "burying", "dead", "found", "held", "free", "gone"
"""An object: it has a row; that becomes a tombstone in a transaction, which commits; the collector reads it as due, and
asks the backups: it is held back, or its bytes may go at any time, and are gone."""
RECORDED, READ, TAKEN, ENDED = "recorded", "read", "taken", "ended"
"""A backup: its record is there; it has read the database; its record tells what it names; it has ended."""
MOMENTS = (0, 1)
NOBODY = -1


class Object(NamedTuple):
    """An object: how far it is, when it was made, which backup holds it, and how many there were when it was asked."""

    stage: str = NOTHING
    since: int = 0
    holder: int = NOBODY
    known: int = NOBODY


class Backup(NamedTuple):
    """A backup: how far it is, the objects that it names, and when the newest of them was made."""

    stage: str
    named: frozenset[int] = frozenset()
    newest: int | None = None


class State(NamedTuple):
    """Everything at one moment."""

    objects: tuple[Object, ...] = (Object(), Object())
    backups: tuple[Backup, ...] = ()
    """Those that there are, in the order of their numbers."""
    asked: tuple[Backup, ...] | None = None
    """What a collector that asks too early knows of backups."""


Steps = Iterator[tuple[str, State]]
Rule = Callable[[State], Steps]

MAX_BACKUPS = 2


def push(state: State) -> Steps:
    """An object gets its row, whatever time the clock shows."""
    for o in _in(state, NOTHING):
        for since in MOMENTS:
            yield f"object {o} is pushed at {since}", _with(state, o, stage=LIVE, since=since)


def begin_burying(state: State) -> Steps:
    """The collector puts a tombstone into the place of the row, and has not committed."""
    for o in _in(state, LIVE):
        yield f"object {o} is being buried", _with(state, o, stage=BURYING)


def end_burying(state: State) -> Steps:
    """It commits."""
    for o in _in(state, BURYING):
        yield f"object {o} is dead", _with(state, o, stage=DEAD)


def find(state: State) -> Steps:
    """The collector reads a tombstone as due."""
    for o in _in(state, DEAD):
        yield f"object {o} is found dead", _with(state, o, stage=FOUND)


def ask(state: State) -> Steps:
    """In its next statement it asks the backups that there are by then."""
    for o in _in(state, FOUND):
        yield f"backups are asked about object {o}", _judged(state, o, state.backups)


def delete(state: State) -> Steps:
    """The bytes go, whatever has happened since."""
    for o in _in(state, FREE):
        yield f"the bytes of object {o} are deleted", _with(state, o, stage=GONE)


def release(state: State) -> Steps:
    """A backup has ended: an older one holds the object, or none does."""
    for o in _in(state, HELD):
        holder = state.objects[o].holder
        if state.backups[holder].stage == ENDED:
            yield f"object {o} is let go by backup {holder}", _judged(state, o, state.backups[:holder])


def record(state: State) -> Steps:
    """A backup is recorded before it is taken."""
    if len(state.backups) < MAX_BACKUPS:
        yield f"backup {len(state.backups)} is recorded", _recorded(state, Backup(RECORDED))


def read(state: State) -> Steps:
    """It reads the database: it names what has a row that is not committed to be gone."""
    for b, backup in enumerate(state.backups):
        if backup.stage == RECORDED:
            yield f"backup {b} reads the database", _backed(state, b, backup._replace(stage=READ, named=_alive(state)))


def take(state: State) -> Steps:
    """It is taken, and its record tells when the newest object was made that it names."""
    for b, backup in enumerate(state.backups):
        if backup.stage == READ:
            newest = max((state.objects[o].since for o in backup.named), default=-1)
            yield f"backup {b} is taken", _backed(state, b, backup._replace(stage=TAKEN, newest=newest))


def end(state: State) -> Steps:
    """Its time is over, or somebody removes it, taken or not."""
    for b, backup in enumerate(state.backups):
        if backup.stage != ENDED:
            yield f"backup {b} ends", _backed(state, b, backup._replace(stage=ENDED))


COLLECTOR: Mapping[str, Rule] = MappingProxyType(
    {rule.__name__: rule for rule in (delete, ask, find, end_burying, release)}
)
"""What the collector does with dead objects, in the order in which one that nobody disturbs gets everything done."""
SOUND: Mapping[str, Rule] = MappingProxyType(
    {rule.__name__: rule for rule in (push, begin_burying, *COLLECTOR.values(), record, read, take, end)}
)


def take_unrecorded(state: State) -> Steps:
    """A backup is taken, and its record comes when it is known what it names."""
    if len(state.backups) < MAX_BACKUPS:
        yield "a backup is taken off the record", _recorded(state, Backup("", _alive(state), max(MOMENTS)))
    for b, backup in enumerate(state.backups):
        if not backup.stage:
            yield f"backup {b} is recorded", _backed(state, b, backup._replace(stage=TAKEN))


def record_nothing(state: State) -> Steps:
    """No record comes before."""
    yield from ()


def ask_at_burial(state: State) -> Steps:
    """Backups are asked in the transaction that buries, before it commits; nobody asks again."""
    for o in _in(state, LIVE):
        judged = _judged(state, o, state.backups).objects[o]
        yield f"object {o} is judged while it is buried", _with(state, o, **judged._asdict() | {"stage": BURYING})


def believe_the_burial(state: State) -> Steps:
    """What was found then counts."""
    for o in _in(state, FOUND):
        is_held = state.objects[o].holder != NOBODY
        yield f"what was found of object {o} is believed", _with(state, o, stage=HELD if is_held else FREE)


def find_after_asking(state: State) -> Steps:
    """The backups are read first, and what is dead after that."""
    if state.asked is None:
        yield "backups are asked ahead", state._replace(asked=state.backups)
    else:
        for o in _in(state, DEAD):
            judged = _judged(state, o, state.asked)
            yield f"object {o} is found dead, and judged", judged._replace(asked=None)


def record_a_figure(state: State) -> Steps:
    """The newest object is looked for when the backup is recorded, before it reads."""
    if len(state.backups) < MAX_BACKUPS:
        newest = max((state.objects[o].since for o in _alive(state)), default=-1)
        yield f"backup {len(state.backups)} is recorded", _recorded(state, Backup(RECORDED, newest=newest))


def ask_those_taken(state: State) -> Steps:
    """One that is under way is not asked."""
    for o in _in(state, FOUND):
        known = [each if each.stage == TAKEN else Backup(ENDED) for each in state.backups]
        yield f"backups that were taken are asked about object {o}", _judged(state, o, known)


def release_to_newer(state: State) -> Steps:
    """When a backup has ended all others are asked."""
    for o in _in(state, HELD):
        if state.backups[state.objects[o].holder].stage == ENDED:
            yield f"object {o} is judged anew", _judged(state, o, state.backups)


def release_for_good(state: State) -> Steps:
    """When a backup has ended no other is asked."""
    for o in _in(state, HELD):
        if state.backups[state.objects[o].holder].stage == ENDED:
            yield f"object {o} is let go for good", _with(state, o, stage=FREE, holder=NOBODY)


SPOILED = "bytes are gone that a backup names"
OVERHELD = "bytes stay for a backup that was taken when they were dead"
HARMS = {
    SPOILED: lambda state: any(
        state.objects[o].stage == GONE for each in state.backups if each.stage in {READ, TAKEN} for o in each.named
    ),
    OVERHELD: lambda state: any(each.stage == HELD and each.holder >= each.known for each in state.objects),
}

BROKEN: Mapping[str, tuple[dict[str, Rule], str]] = MappingProxyType(
    {
        "a backup is recorded when it was taken": ({"record": record_nothing, "take": take_unrecorded}, SPOILED),
        "backups are asked at the burial": ({"begin_burying": ask_at_burial, "ask": believe_the_burial}, SPOILED),
        "backups are asked before what is dead is read": ({"find": find_after_asking}, SPOILED),
        "the newest object is that of the record": ({"record": record_a_figure}, SPOILED),
        "a backup under way is not asked": ({"ask": ask_those_taken}, SPOILED),
        "older backups are not asked in the end": ({"release": release_for_good}, SPOILED),
        "newer backups are asked in the end": ({"release": release_to_newer}, OVERHELD),
    }
)
"""Orders that must not be kept: the rules that are done wrong, and the harm that this does."""


def search(rules: Mapping[str, Rule], harms: Sequence[str] = (SPOILED, OVERHELD)) -> Exploration[State]:
    """Search everything that can happen for a harm."""
    return explore(State(), successors(rules), {harm: HARMS[harm] for harm in harms}, lambda state: state)


def successors(rules: Mapping[str, Rule]) -> Callable[[State], Steps]:
    """Return what takes every step that any rule allows."""
    return lambda state: (step for rule in rules.values() for step in rule(state))


def is_unneeded(state: State) -> bool:
    """Tell whether nothing is live, and every backup has ended that was there when its object was asked about."""
    return all(
        each.stage not in {NOTHING, LIVE}
        and all(b.stage == ENDED for b in state.backups[: None if each.known == NOBODY else each.known])
        for each in state.objects
    )


def is_gone(state: State) -> bool:
    """Tell whether all bytes are gone."""
    return all(each.stage == GONE for each in state.objects)


def _judged(state: State, o: int, known: Sequence[Backup]) -> State:
    """Say what backups `known` mean for an object: the newest that may name it holds it back."""
    found = state.objects[o]
    naming = [
        b
        for b, each in enumerate(known)
        if each.stage in {RECORDED, READ, TAKEN} and (each.newest is None or found.since <= each.newest)
    ]
    count = len(known) if found.known == NOBODY else found.known
    if not naming:
        return _with(state, o, stage=FREE, holder=NOBODY, known=count)
    return _with(state, o, stage=HELD, holder=naming[-1], known=count)


def _alive(state: State) -> frozenset[int]:
    return frozenset(o for o, each in enumerate(state.objects) if each.stage in {LIVE, BURYING})


def _in(state: State, stage: str) -> list[int]:
    return [o for o, each in enumerate(state.objects) if each.stage == stage]


def _with(state: State, o: int, **change: Any) -> State:
    changed = state.objects[o]._replace(**change)
    return state._replace(objects=(*state.objects[:o], changed, *state.objects[o + 1 :]))


def _recorded(state: State, backup: Backup) -> State:
    return state._replace(backups=(*state.backups, backup))


def _backed(state: State, b: int, backup: Backup) -> State:
    return state._replace(backups=(*state.backups[:b], backup, *state.backups[b + 1 :]))
