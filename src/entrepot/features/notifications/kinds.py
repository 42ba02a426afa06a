# SPDX-License-Identifier: Apache-2.0
"""Every kind of thing that people hear of: how much it matters, where they hear of it, and what is said.

A kind is added by an entry here, and one in `mapping` (an event brings it) or in `rules` (a threshold does).
"""

from dataclasses import dataclass

from entrepot.features.notifications.errors import NotificationKindUnknown
from entrepot.features.notifications.models import Channels
from entrepot.features.notifications.models import Facts
from entrepot.features.notifications.models import Severity

OVER = "is_over"
"""The fact that says that what was told is well again."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of thing that people hear of."""

    name: str
    about: str
    """What it is, for whoever chooses."""
    severity: Severity
    sentence: str
    """What is said; names in braces are facts."""
    over: str = ""
    """What is said when it is well again."""
    channels: Channels = Channels.BOTH
    """Where people hear of it who said nothing else."""
    is_essential: bool = False
    """Whether nobody can have it left out of their list."""


_WARNING, _CRITICAL, _INFO = Severity.WARNING, Severity.CRITICAL, Severity.INFO

_ALL = (
    Kind(
        "storage.low",
        "The disk or the stated size of the storage fills.",
        _CRITICAL,
        "{value} % of {place} is used: {used} of {size}.",
        "There is room again: {value} % of {place} is used.",
    ),
    Kind(
        "logins.account",
        "Many logins with one account failed.",
        _WARNING,
        "{value} logins with the account {account} failed within {minutes} minutes.",
    ),
    Kind(
        "logins.address",
        "Many logins from one address failed.",
        _WARNING,
        "{value} logins from {address} failed within {minutes} minutes.",
    ),
    Kind(
        "logins.own",
        "Many logins with your account failed.",
        _WARNING,
        "{value} logins with your account failed within {minutes} minutes.",
        is_essential=True,
    ),
    Kind(
        "jobs.waiting",
        "Background work waits for too long.",
        _WARNING,
        "A job of the kind {job} has been due for {value} minutes.",
        "No job of the kind {job} waits any more.",
    ),
    Kind(
        "jobs.running",
        "Background work takes too long.",
        _WARNING,
        "A job of the kind {job} has run for {value} minutes.",
        "No job of the kind {job} runs for so long any more.",
    ),
    Kind(
        "jobs.failed",
        "Background work was given up, that of schedules too.",
        _WARNING,
        "Within {minutes} minutes {value} jobs of the kind {job} were given up.",
        "Jobs of the kind {job} are no longer given up.",
    ),
    Kind(
        "certificate.ends",
        "A certificate of this server expires soon.",
        _CRITICAL,
        "The certificate of {name} expires in {value} days, at {ends_at}.",
        "The certificate of {name} was renewed.",
    ),
    Kind(
        "token.ends",
        "A token of yours expires soon.",
        _WARNING,
        "Your token {token} expires in {value} days, at {ends_at}.",
    ),
    Kind(
        "robot-secret.ends",
        "A secret of a robot expires soon, and nobody has replaced it.",
        _WARNING,
        "The secret {secret} of the robot {robot} expires at {ends_at}.",
    ),
    Kind(
        "quota.reached",
        "A quota is nearly used up.",
        _WARNING,
        "The quota of {subject} reached {threshold} %: {reason}.",
    ),
    Kind(
        "webhook.paused",
        "A webhook was paused because its receiver takes nothing.",
        _WARNING,
        "The webhook {webhook} was paused: {reason}.",
    ),
    Kind(
        "retention.failed",
        "A run of retention failed.",
        _WARNING,
        "Retention of {scope} failed: {reason}.",
    ),
    Kind(
        "tag.expiring",
        "A tag goes within a day.",
        _INFO,
        "The tag {tag} goes at {expires_at}.",
        channels=Channels.NONE,
    ),
    Kind(
        "copy.failed",
        "A copy that you asked for failed.",
        _WARNING,
        "Copying {source} to {target} failed: {reason}.",
    ),
    Kind(
        "break-glass.opened",
        "Somebody took rights in an emergency.",
        _CRITICAL,
        "{who} broke the glass: {reason}.",
    ),
    Kind(
        "audit.contradicted",
        "The audit log of another registry was written anew.",
        _CRITICAL,
        "A checkpoint that another registry left here was contradicted: {reason}.",
    ),
    Kind(
        "account.password",
        "Your password was changed.",
        _WARNING,
        "Your password was changed by {who}, from {address}.",
        is_essential=True,
    ),
    Kind(
        "account.second-factor",
        "Your second factors or recovery codes were changed.",
        _WARNING,
        "{what} by {who}, from {address}.",
        is_essential=True,
    ),
    Kind(
        "account.token",
        "A token of yours was made.",
        _INFO,
        "The token {token} was made for your account, from {address}.",
        channels=Channels.CONSOLE,
    ),
    Kind(
        "approval.requested",
        "Something waits for your approval.",
        _INFO,
        "{who} asks for your approval: {act} {target}.",
    ),
    Kind(
        "approval.decided",
        "Somebody decided about what you asked for.",
        _INFO,
        "{who} {decision} what you asked for: {act} {target}.",
    ),
    Kind(
        "promotion.requested",
        "A promotion waits for your approval.",
        _INFO,
        "{who} asks for your approval to promote {source} to {target} along {path}.",
    ),
    Kind(
        "promotion.ended",
        "What you asked to be promoted was promoted, refused, or failed.",
        _INFO,
        "The promotion of {source} to {target} along {path} is {became}.",
    ),
)

KINDS = {kind.name: kind for kind in _ALL}


class _Said(dict[str, str]):
    """Facts as text; one that is missing is said to be unknown."""

    def __missing__(self, key: str) -> str:
        return "unknown"


def kind_of(name: str) -> Kind:
    """Return a kind. Raises `NotificationKindUnknown`."""
    if name not in KINDS:
        raise NotificationKindUnknown(f"there is no kind of notification called {name[:64]!r}")
    return KINDS[name]


def sentence_of(name: str, facts: Facts, count: int = 1) -> str:
    """Say what happened, in plain English. A kind of another version is said by its name."""
    kind = KINDS.get(name)
    if kind is None:
        return name
    template = kind.over if facts.get(OVER) and kind.over else kind.sentence
    said = template.format_map(_Said({key: str(value) for key, value in facts.items()}))
    said = said.replace("..", ".")
    return f"{said} ({count} times)" if count > 1 else said
