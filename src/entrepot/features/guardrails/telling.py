# SPDX-License-Identifier: Apache-2.0
"""What is said to whoever a guardrail refuses, and of guardrails that were changed."""

from collections.abc import Mapping

from entrepot.features.guardrails.evaluate import Rule
from entrepot.features.guardrails.models import Deed
from entrepot.features.guardrails.models import Guardrail
from entrepot.features.guardrails.models import GuardrailException
from entrepot.features.guardrails.models import GuardrailKind
from entrepot.registry.announcing import Told

_SHOWN_CHARACTERS = 100
"""How much is shown of a name that a client chose: what follows must not be cut off."""

_DOING = {
    Deed.PUSH: "push to",
    Deed.TAG: "set tags in",
    Deed.DELETE: "delete from",
    Deed.OPEN: "open",
    Deed.GRANT: "grant on",
    Deed.ADMINISTER: "administer",
}
_ASK = "ask an administrator of the registry for an exception"


def refusal(rule: Rule, deed: Deed, place: str) -> str:
    """Say in one line which guardrail refuses what, and the next step; the reason that was given comes last."""
    said = f"the guardrail {rule.guardrail.name} {_what(rule, deed, _short(place))}, or {_ASK}"
    return f"{said} ({rule.guardrail.reason})" if rule.guardrail.reason else said


def _what(rule: Rule, deed: Deed, place: str) -> str:
    options = rule.guardrail.terms.options
    match rule.kind:
        case GuardrailKind.PUSH_BY_MACHINES:
            return f"lets only robots and workloads {_DOING[deed]} {place}: log in as a robot of the project"
        case GuardrailKind.SECOND_FACTOR:
            return (
                f"lets people {_DOING[deed]} {place} only with a second factor: set one up in the console, "
                "log in with a personal access token"
            )
        case GuardrailKind.NO_PUBLIC:
            also = " or internal, nor anything granted to everyone" if options.includes_internal else ""
            return (
                f"lets nothing in {_short(rule.guardrail.terms.path_pattern)} be public{also}, "
                f"nor granted to anonymous: grant on {place} to people, groups or robots by name"
            )
        case GuardrailKind.NAMING:
            noun = "repositories" if deed is Deed.PUSH else "tags"
            patterns = options.repositories if deed is Deed.PUSH else options.tags
            called = _short(" or ".join(patterns))
            return f"wants new {noun} to be called {called}, and {place} is not: choose another name"


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[: _SHOWN_CHARACTERS - 3]}..."


def told_of(guardrail: Guardrail | None, before: Guardrail | None = None) -> Told:
    """Say what a guardrail is now, and was before; None where there is, or was, none."""
    some = guardrail or before
    if some is None:
        raise ValueError("there is nothing to tell")
    return Told(
        object=f"guardrail:{some.name}",
        project=_project_of(some.terms.path_pattern),
        before=None if before is None else _plain(before),
        after=None if guardrail is None else _plain(guardrail),
    )


def told_of_exception(guardrail: Guardrail, given: GuardrailException, *, is_taken: bool = False) -> Told:
    """Say that an exception was given, or taken back."""
    terms = given.terms
    plain = {
        "id": given.id,
        "path_pattern": terms.path_pattern,
        "principal": terms.principal,
        "reason": terms.reason,
        "expires_at": terms.expires_at,
    }
    return Told(
        object=f"guardrail:{guardrail.name}",
        project=_project_of(terms.path_pattern or guardrail.terms.path_pattern),
        before=plain if is_taken else None,
        after=None if is_taken else plain,
    )


def _project_of(path_pattern: str) -> str:
    first = path_pattern.partition("/")[0]
    return "" if "*" in first else first


def _plain(guardrail: Guardrail) -> Mapping[str, object]:
    options = guardrail.terms.options
    return {
        "kind": guardrail.terms.kind.value,
        "path_pattern": guardrail.terms.path_pattern,
        "mode": guardrail.mode.value,
        "reason": guardrail.reason,
        "includes_internal": options.includes_internal,
        "repositories": list(options.repositories),
        "tags": list(options.tags),
    }
