# SPDX-License-Identifier: Apache-2.0
"""What registries answer when they do not do what they are asked (distribution-spec, "Error Codes")."""

import json
import re
from collections.abc import Mapping

from entrepot.infra.distribution.errors import RegistryRefused
from entrepot.infra.http.outbound.destination import Answer
from entrepot.infra.http.outbound.retrying import retry_after_seconds
from entrepot.kernel.clock import system_clock

MAX_SHOWN = 500

_LINK = re.compile(r'<([^<>]*)>\s*;[^,]*?\brel\s*=\s*"?next"?', re.IGNORECASE)

MAX_PAGE_BYTES = 16 * 1024 * 1024
"""Some registries hand out everything at once, whatever is asked for."""


def refusal(origin: str, answer: Answer, about: str = "") -> RegistryRefused:
    """Make the error of an answer, in the words of the registry where it has some."""
    reason, told = _told(answer.body)
    message = f"{origin} answers {answer.status}{f' to {about}' if about else ''}"
    wait = retry_after_seconds(answer.headers, system_clock())
    return RegistryRefused(
        f"{message}: {told}" if told else message, status=answer.status, reason=reason, wait_seconds=wait
    )


def next_page(headers: Mapping[str, str]) -> str:
    """Return the address of the next page, as the registry states it (RFC 8288); empty on the last."""
    found = _LINK.search(headers.get("link", "")[:4_096])
    return found[1] if found else ""


def _told(body: bytes) -> tuple[str, str]:
    """Return the code and the message of the first error."""
    try:
        document = json.loads(body)
        error = document["errors"][0]
        reason, message = error.get("code", ""), error.get("message", "")
    except (ValueError, RecursionError, LookupError, TypeError, AttributeError):
        return "", ""
    shown = " ".join(str(message or reason).split())[:MAX_SHOWN]
    return str(reason)[:64].upper(), "".join(each if each.isprintable() else "?" for each in shown)
