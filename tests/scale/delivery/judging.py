# SPDX-License-Identifier: Apache-2.0
"""What receivers were promised, held against what came."""

from collections import Counter
from collections import defaultdict
from collections.abc import Iterable
from collections.abc import Sequence

from tests.scale.delivery.pushing import Pusher
from tests.scale.delivery.receiving import Arrival
from tests.scale.delivery.receiving import MoodyReceiver

SHOWN = 3
"""So many violations of one kind are told."""


def missing(receiver: MoodyReceiver, pushed: Iterable[Pusher]) -> list[str]:
    """Return what was pushed and acknowledged, and of which no event was taken."""
    taken = {arrival.subject for arrival in receiver.seen() if arrival.is_taken}
    return [subject for pusher in pushed for subject in pusher.acknowledged if subject not in taken]


def violations(receiver: MoodyReceiver, pushed: Sequence[Pusher]) -> list[str]:
    """Return every promise that was not kept to a receiver."""
    arrivals = receiver.seen()
    found = [
        *(f"{subject} never arrived" for subject in missing(receiver, pushed)),
        *(f"{each.subject} came with a wrong signature" for each in arrivals if not each.is_signed),
        *_unstable(arrivals),
        *_out_of_order(arrivals, pushed),
    ]
    return [f"{receiver.name}: {each}" for each in found]


def repeats(receiver: MoodyReceiver) -> int:
    """Return how often something was sent again that had been taken: nobody had written that down."""
    taken = Counter(arrival.delivery for arrival in receiver.seen() if arrival.is_taken)
    return sum(number - 1 for number in taken.values())


def _unstable(arrivals: Sequence[Arrival]) -> list[str]:
    """Find deliveries that became another event's, and events of which there are several deliveries."""
    events: defaultdict[str, set[str]] = defaultdict(set)
    deliveries: defaultdict[str, set[str]] = defaultdict(set)
    subjects: defaultdict[str, set[str]] = defaultdict(set)
    for each in arrivals:
        events[each.delivery].add(each.event)
        deliveries[each.event].add(each.delivery)
        subjects[each.subject].add(each.event)
    return [
        f"{name} has several {what}: {', '.join(sorted(several))}"
        for what, found in (("events", events), ("deliveries", deliveries), ("events", subjects))
        for name, several in found.items()
        if len(several) > 1
    ]


def _out_of_order(arrivals: Sequence[Arrival], pushed: Sequence[Pusher]) -> list[str]:
    """Find first attempts that came before those of what happened earlier in the repository."""
    lanes: defaultdict[str, dict[str, Arrival]] = defaultdict(dict)
    for each in arrivals:
        lanes[each.repository].setdefault(each.event, each)
    found = []
    for repository, first in lanes.items():
        came = list(first.values())
        if [each.sequence for each in came] != sorted(each.sequence for each in came):
            found.append(f"{repository} was not told in the order of its sequence")
        order = {subject: place for pusher in pushed for place, subject in enumerate(pusher.acknowledged)}
        places = [order[each.subject] for each in came if each.subject in order]
        if places != sorted(places):
            found.append(f"{repository} was not told in the order in which it was pushed")
    return found


def delays(receiver: MoodyReceiver, pushed: Iterable[Pusher]) -> list[float]:
    """Return how many seconds after its acknowledgement each push was first told of, the shortest first."""
    told: dict[str, float] = {}
    for arrival in receiver.seen():
        told.setdefault(arrival.subject, arrival.at)
    return sorted(
        max(0.0, told[subject] - at)
        for pusher in pushed
        for subject, at in pusher.acknowledged.items()
        if subject in told
    )
