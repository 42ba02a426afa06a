# SPDX-License-Identifier: Apache-2.0
"""What can be wrong about a request to somebody else. None of it repeats a path, a query or a header."""

from entrepot.kernel.errors import AppError


class OutgoingFailed(AppError):
    """The other server cannot be asked."""

    code = "outgoing_failed"
    status = 502


class AddressInvalid(OutgoingFailed):
    """This is not an address of a web server."""

    code = "outgoing_address_invalid"
    status = 400
    default_hint = "Give one such as https://hooks.example.org/path, without a user name, a password or a fragment."


class AddressForbidden(OutgoingFailed):
    """This address is not one that may be connected to."""

    code = "outgoing_address_forbidden"
    status = 403
    default_hint = "It is internal to some network; an administrator can allow it with outgoing.allow."


class Unreachable(OutgoingFailed):
    """The other server cannot be reached."""

    code = "outgoing_unreachable"
    default_hint = "See to the network, the address, and who signed the certificate (ca_file)."


class TooSlow(OutgoingFailed):
    """The other server takes too long to answer."""

    code = "outgoing_too_slow"
    status = 504


class AnswerUnusable(OutgoingFailed):
    """The answer of the other server cannot be used."""

    code = "outgoing_answer_unusable"


class AnswerUnwanted(AnswerUnusable):
    """The answer of the other server is larger than is read, or compressed: it will be so next time."""

    code = "outgoing_answer_unwanted"
