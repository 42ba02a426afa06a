# SPDX-License-Identifier: Apache-2.0
"""What can be wrong with a guardrail, and being refused by one."""

from entrepot.kernel.errors import Conflict
from entrepot.kernel.errors import Forbidden
from entrepot.kernel.errors import InvalidRequest
from entrepot.kernel.errors import NotFound


class RefusedByGuardrail(Forbidden):
    """A guardrail does not let this happen."""

    code = "refused_by_guardrail"


class GuardrailInvalid(InvalidRequest):
    """The guardrail is not valid."""

    code = "guardrail_invalid"


class GuardrailExceptionInvalid(InvalidRequest):
    """The exception is not valid."""

    code = "guardrail_exception_invalid"


class GuardrailUnknown(NotFound):
    """There is no such guardrail."""

    code = "guardrail_unknown"
    default_hint = "The list of guardrails shows those there are."


class GuardrailExceptionUnknown(NotFound):
    """The guardrail has no such exception."""

    code = "guardrail_exception_unknown"


class GuardrailExists(Conflict):
    """There is a guardrail of this name already."""

    code = "guardrail_exists"
    default_hint = "Choose another name, or change the mode of the one that is there."


class TooManyGuardrails(Conflict):
    """There are as many guardrails as there can be."""

    code = "too_many_guardrails"
    default_hint = "Delete one; a single guardrail may be about many projects, as with team-*/**."


class TooManyExceptions(Conflict):
    """There are as many exceptions from this guardrail as there can be."""

    code = "too_many_guardrail_exceptions"
    default_hint = "Take one back; or narrow the guardrail, if so much is an exception."
