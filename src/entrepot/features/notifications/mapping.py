# SPDX-License-Identifier: Apache-2.0
"""Which event tells people of what: a table, to which a kind is added by one entry."""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from entrepot.features.notifications.models import MAX_FACT_CHARACTERS
from entrepot.features.notifications.models import Fact
from entrepot.features.notifications.models import Facts
from entrepot.features.notifications.models import Need
from entrepot.features.notifications.models import Notice
from entrepot.features.notifications.models import Severity
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.changes import Change
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.clock import rfc3339
from entrepot.registry.events import Event
from entrepot.registry.events import Outcome
from entrepot.registry.four_eyes import Act

People = tuple[str, ...]
"""Such as `user:alice`."""

_USER = f"{PrincipalKind.USER}:"
_DECISIONS = {"approved": "approved", "rejected": "rejected"}


def in_project(event: Event) -> Need:
    """What takes administering the project, or the registry where there is none."""
    return Need.PROJECT if event.project else Need.ADMINISTER


def by_act(event: Event) -> Need:
    """What it takes to decide about an approval."""
    act = _after(event, "act")
    if act == Act.AUDIT_EXPORT:
        return Need.PROJECT if event.project else Need.AUDIT
    return Need.PROJECT if act == Act.PROJECT_DELETE and event.project else Need.ADMINISTER


def always(need: Need) -> Callable[[Event], Need]:
    """What is needed whatever the event says."""
    return lambda _event: need


def whenever(_event: Event) -> bool:
    """Tell that every such event is told."""
    return True


def has_failed(event: Event) -> bool:
    """Tell whether something came to nothing."""
    return event.outcome is Outcome.FAILED


def nobody(_event: Event) -> People:
    """Name nobody in particular: who hears of it follows from what they may do."""
    return ()


def who_did(event: Event) -> People:
    """Name who did it."""
    return (event.principal,)


def whose(event: Event) -> People:
    """Name who it was done to."""
    return (event.object,)


def who_asked(event: Event) -> People:
    """Name who asked for an approval, or for a promotion."""
    return (_text(event, "requested_by"),)


def who_decides(event: Event) -> People:
    """Name who is asked for an approval by name, but for whoever asks."""
    asked = _after(event, "asked_of")
    return tuple(str(each) for each in asked if each != event.principal) if isinstance(asked, list) else ()


@dataclass(frozen=True, slots=True)
class Entry:
    """An event that people hear of."""

    event: Change
    kind: str
    need: Callable[[Event], Need]
    facts: Callable[[Event], Facts]
    people: Callable[[Event], People] = nobody
    """Who hears of it where it is their own."""
    wanted: Callable[[Event], bool] = whenever
    is_told_to_actor: bool = False
    """Whether whoever did it hears of it too."""

    def notices(self, event: Event) -> list[Notice]:
        """Return what is told of an event: to each of the people whose own it is, or to whoever may hear of it."""
        if not self.wanted(event):
            return []
        need = self.need(event)
        if need is not Need.OWN:
            return [self._notice(event, need, "")]
        return [self._notice(event, need, person) for person in self.people(event) if person.startswith(_USER)]

    def _notice(self, event: Event, need: Need, person: str) -> Notice:
        severity = Severity.CRITICAL if self.kind == "quota.reached" and _percent(event) >= 100 else None
        return Notice(
            kind=self.kind,
            need=need,
            source=event.id,
            facts=_short(self.facts(event)),
            project=event.project,
            repository=event.repository,
            person=person,
            actor="" if self.is_told_to_actor else event.principal,
            about=event.object,
            severity=severity,
        )


def notices(events: Iterable[Event]) -> list[Notice]:
    """Return what is told of a batch of events, in their order."""
    return [notice for event in events for entry in BY_TYPE.get(event.type, ()) for notice in entry.notices(event)]


def _own_quota(event: Event) -> People:
    """Name the user whose quota it is."""
    subject = event.object.removeprefix("quota:")
    return (subject,) if subject.startswith(_USER) else ()


def _is_of_project(event: Event) -> bool:
    return not _own_quota(event)


def _is_own_quota(event: Event) -> bool:
    return bool(_own_quota(event))


def _is_decided(event: Event) -> bool:
    return _after(event, "state") in _DECISIONS


def _quota(event: Event) -> Facts:
    return {
        "subject": event.object.removeprefix("quota:").replace(":", " "),
        "resource": _text(event, "resource"),
        "threshold": _percent(event),
        "reason": event.reason,
    }


def _webhook(event: Event) -> Facts:
    return {"webhook": _text(event, "name"), "id": _named(event), "reason": event.reason}


def _robot_secret(event: Event) -> Facts:
    return {"robot": _named(event), "secret": _text(event, "id"), "ends_at": _text(event, "expires_at")}


def _retention(event: Event) -> Facts:
    return {"scope": _named(event) or "the registry", "reason": event.reason}


def _tag(event: Event) -> Facts:
    return {"tag": _named(event), "expires_at": _moment(event, "expires_at")}


def _copy(event: Event) -> Facts:
    target = _text(event, "target")
    return {"source": _text(event, "source"), "target": target, "id": _named(event), "reason": event.reason}


def _break_glass(event: Event) -> Facts:
    return {"who": _name(event.principal), "address": event.address, "reason": event.reason or "no reason was given"}


def _contradicted(event: Event) -> Facts:
    return {"origin": event.object, "reason": event.reason or event.object}


def _account(event: Event) -> Facts:
    return {"who": _name(event.principal), "address": event.address or "this server"}


def _second_factor(event: Event) -> Facts:
    return {"what": _SECOND_FACTORS[Change(event.type)], **_account(event)}


def _token(event: Event) -> Facts:
    return {"token": _text(event, "name"), **_account(event)}


def _approval(event: Event) -> Facts:
    return {
        "approval": _named(event),
        "act": _text(event, "act"),
        "target": _text(event, "target"),
        "reason": event.reason,
        "who": _name(event.principal),
    }


def _decision(event: Event) -> Facts:
    return {**_approval(event), "decision": _DECISIONS.get(_text(event, "state"), "")}


def _promotion(event: Event) -> Facts:
    return {
        "promotion": _named(event),
        "source": _text(event, "source"),
        "target": _text(event, "target"),
        "path": _text(event, "path"),
        "reason": event.reason,
        "who": _name(event.principal),
    }


def _end_of_promotion(event: Event) -> Facts:
    why = f": {event.reason}" if event.reason else ""
    return {**_promotion(event), "became": f"{_text(event, 'state')}{why}"}


_ENDS_OF_PROMOTIONS = (
    Change.PROMOTION_DONE,
    Change.PROMOTION_FAILED,
    Change.PROMOTION_REFUSED,
    Change.PROMOTION_EXPIRED,
)
_SECOND_FACTORS = {
    Change.SECOND_FACTOR_ADDED: "A second factor was added to your account",
    Change.SECOND_FACTOR_REMOVED: "A second factor of your account was removed",
    Change.RECOVERY_CODES_REPLACED: "Your recovery codes were replaced",
}
_OWN = always(Need.OWN)

ENTRIES: tuple[Entry, ...] = (
    Entry(Change.QUOTA_REACHED, "quota.reached", in_project, _quota, wanted=_is_of_project, is_told_to_actor=True),
    Entry(Change.QUOTA_REACHED, "quota.reached", _OWN, _quota, _own_quota, _is_own_quota, is_told_to_actor=True),
    Entry(Change.WEBHOOK_PAUSED, "webhook.paused", in_project, _webhook, wanted=has_failed, is_told_to_actor=True),
    Entry(Change.ROBOT_SECRET_ENDS, "robot-secret.ends", in_project, _robot_secret, is_told_to_actor=True),
    Entry(Change.RETENTION_RUN, "retention.failed", in_project, _retention, wanted=has_failed, is_told_to_actor=True),
    Entry(Change.TAG_EXPIRING, "tag.expiring", in_project, _tag, is_told_to_actor=True),
    Entry(Change.COPY_ENDED, "copy.failed", _OWN, _copy, who_did, has_failed, is_told_to_actor=True),
    Entry(Change.BREAK_GLASS_OPENED, "break-glass.opened", always(Need.ADMINISTER), _break_glass),
    Entry(Change.AUDIT_CONTRADICTED, "audit.contradicted", always(Need.AUDIT), _contradicted, is_told_to_actor=True),
    Entry(Change.PASSWORD_CHANGED, "account.password", _OWN, _account, whose, is_told_to_actor=True),
    *(
        Entry(change, "account.second-factor", _OWN, _second_factor, whose, is_told_to_actor=True)
        for change in _SECOND_FACTORS
    ),
    Entry(Change.TOKEN_CREATED, "account.token", _OWN, _token, who_did, is_told_to_actor=True),
    Entry(Change.APPROVAL_REQUESTED, "approval.requested", by_act, _approval),
    Entry(Change.APPROVAL_GIVEN, "approval.decided", _OWN, _decision, who_asked, _is_decided),
    Entry(Change.APPROVAL_REJECTED, "approval.decided", _OWN, _decision, who_asked, _is_decided),
    Entry(Change.PROMOTION_REQUESTED, "promotion.requested", _OWN, _promotion, who_decides),
    *(Entry(change, "promotion.ended", _OWN, _end_of_promotion, who_asked) for change in _ENDS_OF_PROMOTIONS),
)
"""Every event that people hear of."""

BY_TYPE: Mapping[str, tuple[Entry, ...]] = {
    change: tuple(entry for entry in ENTRIES if entry.event == change) for change in {each.event for each in ENTRIES}
}


def _after(event: Event, name: str) -> Any:
    return event.after.get(name, "") if isinstance(event.after, dict) else ""


def _text(event: Event, name: str) -> str:
    return str(_after(event, name) or "")


def _percent(event: Event) -> int:
    found = _after(event, "threshold")
    return found if isinstance(found, int) else 0


def _moment(event: Event, name: str) -> str:
    found = _after(event, name)
    return rfc3339(Milliseconds(found)) if isinstance(found, int) else "an unknown time"


def _named(event: Event) -> str:
    return event.object.partition(":")[2]


def _name(identity: str) -> str:
    return identity.partition(":")[2] or identity


def _short(facts: Mapping[str, Fact]) -> Facts:
    return {key: each[:MAX_FACT_CHARACTERS] if isinstance(each, str) else each for key, each in facts.items()}
