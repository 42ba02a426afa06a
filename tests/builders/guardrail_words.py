# SPDX-License-Identifier: Apache-2.0
"""Guardrails and exceptions from them, as they are read from the database."""

from entrepot.features.guardrails.models import ExceptionTerms
from entrepot.features.guardrails.models import Guardrail
from entrepot.features.guardrails.models import GuardrailException
from entrepot.features.guardrails.models import GuardrailKind
from entrepot.features.guardrails.models import GuardrailMode
from entrepot.features.guardrails.models import GuardrailTerms
from entrepot.features.guardrails.models import Options
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.identifiers import new_ulid

_PLAIN = Options()


def a_guardrail(
    name: str,
    kind: GuardrailKind,
    path_pattern: str,
    *,
    mode: GuardrailMode = GuardrailMode.ENFORCE,
    options: Options = _PLAIN,
    reason: str = "",
) -> Guardrail:
    """Make a guardrail that was set at the beginning of time."""
    at = Milliseconds(0)
    return Guardrail(name, GuardrailTerms(path_pattern, kind, options), mode, reason, at, "user:root", at, "user:root")


def an_exception(guardrail: str, path_pattern: str, principal: str, expires_at: Milliseconds) -> GuardrailException:
    """Make an exception that was given at the beginning of time."""
    terms = ExceptionTerms(path_pattern, principal, "a test", expires_at)
    return GuardrailException(new_ulid(), guardrail, terms, Milliseconds(0), "user:root")
