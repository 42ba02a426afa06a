# SPDX-License-Identifier: Apache-2.0
"""What is said to whoever a guardrail refuses."""

import pytest

from entrepot.features.guardrails.evaluate import Rule
from entrepot.features.guardrails.models import MAX_REASON_CHARACTERS
from entrepot.features.guardrails.models import Deed
from entrepot.features.guardrails.models import GuardrailKind
from entrepot.features.guardrails.models import Options
from entrepot.features.guardrails.telling import refusal
from entrepot.oci.reference import MAX_NAME_CHARACTERS
from entrepot.oci.reference import MAX_TAG_CHARACTERS
from entrepot.registry.gates import one_line
from entrepot.registry.hooks import MAX_DENIAL_CHARACTERS
from tests.builders.guardrail_words import a_guardrail

LONG = Options(repositories=("team/" + "a" * 200,) * 10, tags=("v" * 128,) * 10)


@pytest.mark.parametrize("deed", list(Deed))
@pytest.mark.parametrize("kind", list(GuardrailKind))
def test_the_next_step_is_never_cut_off(kind: GuardrailKind, deed: Deed) -> None:
    """However long names and patterns are: what is too long for one line is the reason."""
    options = LONG if kind is GuardrailKind.NAMING else Options(includes_internal=kind is GuardrailKind.NO_PUBLIC)
    reason, pattern = "r" * MAX_REASON_CHARACTERS, "t" * 250 + "/**"
    rule = Rule(a_guardrail("n" * 64, kind, pattern, options=options, reason=reason))

    said = one_line(
        refusal(rule, deed, "p" * MAX_NAME_CHARACTERS + ":" + "t" * MAX_TAG_CHARACTERS), MAX_DENIAL_CHARACTERS
    )

    assert said.startswith(f"the guardrail {'n' * 64} ")
    assert "or ask an administrator of the registry for an exception (r" in said
