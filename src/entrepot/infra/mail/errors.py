# SPDX-License-Identifier: Apache-2.0
"""What can be wrong about mail."""

from entrepot.kernel.errors import AppError
from entrepot.kernel.errors import InvalidRequest


class AddressInvalid(InvalidRequest):
    """This is not an address that mail can be sent to."""

    code = "mail_address_invalid"
    default_hint = "Write one such as ada@example.org, in ASCII; a domain in another script in its xn-- form."


class MailOff(AppError):
    """This registry sends no mail."""

    code = "mail_off"
    status = 409
    default_hint = "The operator sets mail.host and mail.sender; docs/how-to/notifications.md says how."


class MailFailed(AppError):
    """The mail server did not take the message."""

    code = "mail_failed"
    status = 424
    default_hint = "See to the section mail of the configuration."
    is_permanent = False
    """Whether trying again later is of no use."""


class MailRefused(MailFailed):
    """The mail server refuses the message for good."""

    code = "mail_refused"
    is_permanent = True
