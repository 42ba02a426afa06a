# SPDX-License-Identifier: Apache-2.0
"""What is said to whoever a rule refuses, and of rules and overrides that were changed."""

from collections.abc import Mapping
from collections.abc import Sequence

from entrepot.features.immutability.evaluate import ReadRule
from entrepot.features.immutability.evaluate import Ruling
from entrepot.features.immutability.models import Deed
from entrepot.features.immutability.models import Effect
from entrepot.features.immutability.models import Override
from entrepot.features.immutability.models import Rule
from entrepot.features.immutability.versions import is_version
from entrepot.features.immutability.versions import newest
from entrepot.features.immutability.versions import next_after
from entrepot.kernel.clock import rfc3339
from entrepot.oci.reference import namespace_of
from entrepot.registry.announcing import Told

_SHOWN_CHARACTERS = 60
"""How much is shown of a name that a client chose: what follows must not be cut off."""

_DONE = {Deed.SET: "set", Deed.MOVE: "moved", Deed.DELETE: "deleted"}
_ASK = "or ask an administrator for an override"


def named(found: ReadRule) -> str:
    """Say which rule it is."""
    rule = found.rule
    return f"{numbered(found)} ({_short(rule.tags)} in {_short(rule.repositories)}: {rule.effect})"


def numbered(found: ReadRule) -> str:
    """Say where it stands."""
    return f"rule {found.number} of {_short(found.project) or 'the registry'}"


def refusal(found: ReadRule, ruled: Ruling, deed: Deed, place: str) -> str:
    """Say in one line what a rule refuses and what would be allowed; `place` is such as `team/app:1.4`."""
    said = f"{_short(place)} cannot be {_DONE[deed]}: {named(found)}"
    until = f" until {rfc3339(found.rule.until)}" if found.rule.until is not None else ""
    if ruled is Ruling.NO_VERSION:
        return f"{said} takes only versions such as 1.2.3{until}; choose a version as the tag, {_ASK}"
    return f"{said} keeps it as it is{until}; push under a new tag, {_ASK}"


def refusal_to_go_back(found: ReadRule, place: str, before: Sequence[str], now: Sequence[str]) -> str:
    """Say that a moving tag goes forward only, and what to push first."""
    repository, _, tag = place.rpartition(":")
    old, new = newest(tag, before), newest(tag, now)
    has = f"has the version {_short(new)}" if new else f"has no version that {_short(tag)} follows"
    stands = f"it points at {_short(old)}" if old else "it points at what has no such version"
    example = f"{_short(repository)}:{_short(next_after(tag, old))}"
    above = f"as a version above {_short(old)}" if old else "under a version"
    first = f"push the image {above} first"
    return (
        f"{_short(place)} goes forward only: {named(found)}; {stands}, and the new image {has}: {first}, such as "
        f"{example}, {_ASK}"
    )


def explanation(found: ReadRule | None, tag: str, *, is_derived: bool) -> str:
    """Say in one sentence what holds for a tag, and why."""
    if is_derived:
        return f"{tag} is derived from a digest and goes with what it belongs to: no rule is about it."
    if found is None:
        return f"No rule is about {tag}: it is set, moved and deleted freely."
    said = f"{named(found)[:1].upper()}{named(found)[1:]} decides: {tag} "
    match found.rule.effect:
        case Effect.MUTABLE:
            return f"{said}is set, moved and deleted freely."
        case Effect.IMMUTABLE:
            return f"{said}is neither moved nor deleted once it is set."
        case Effect.APPEND_ONLY if is_version(tag):
            return f"{said}is neither moved nor deleted once it is set, and other versions may be added."
        case Effect.APPEND_ONLY:
            return f"{said}is no version, and cannot be set."
        case Effect.FORWARD:
            return f"{said}moves only to an image with a higher version, and is not deleted."


def warning(found: ReadRule, override: Override) -> str:
    """Say that a rule was overridden."""
    by = f"by {override.created_by} until {rfc3339(override.expires_at)}"
    return f"{numbered(found)} is overridden for {_short(override.tag)} {by}"


def told_of_override(override: Override, *, is_taken: bool = False) -> Told:
    """Say that an override was given, or taken back."""
    shown = {"tag": override.tag, "reason": override.reason, "expires_at": override.expires_at}
    return Told(
        object=f"tag:{override.repository}:{override.tag}",
        project=namespace_of(override.repository),
        repository=override.repository,
        before=shown if is_taken else None,
        after=None if is_taken else shown,
        reason=override.reason,
    )


def plain(rule: Rule) -> Mapping[str, object]:
    """Return a rule as plain values."""
    return {
        "repositories": rule.repositories,
        "tags": rule.tags,
        "effect": rule.effect.value,
        "until": rule.until,
        "description": rule.description,
        "is_binding": rule.is_binding,
    }


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[: _SHOWN_CHARACTERS - 3]}..."
