# SPDX-License-Identifier: Apache-2.0
"""How copying fails."""

from entrepot.kernel.errors import AppError
from entrepot.kernel.errors import Conflict
from entrepot.kernel.errors import InvalidRequest
from entrepot.kernel.errors import NotFound

AGAIN = "Run the same command again: it goes on where this one stopped."


class CopyingFailed(AppError):
    """The content cannot be copied."""

    code = "copying_failed"
    status = 502


class PlaceInvalid(InvalidRequest):
    """This names no place that content is copied from or to."""

    code = "place_invalid"
    default_hint = (
        "Write registry.example/team/app:1.0, oci:FOLDER:1.0, oci-archive:FILE.tar:1.0 or docker-archive:FILE.tar."
    )


class PlaceUnusable(CopyingFailed):
    """The folder or file cannot be read or written."""

    code = "place_unusable"
    status = 409


class PlaceBusy(Conflict):
    """Somebody else is copying to this place."""

    code = "place_busy"
    default_hint = "Wait until the other one is done, or copy to another place."


class ContentMissing(NotFound):
    """The source does not have this content."""

    code = "content_missing"


class CatalogueMissing(CopyingFailed):
    """The registry does not list its repositories, or not to this login."""

    code = "catalogue_missing"
    status = 400
    default_hint = "Name the repositories: not every registry lists them, and some list them to administrators only."


class ContentWrong(CopyingFailed):
    """The content is not what its digest says."""

    code = "content_wrong"
    default_hint = "It was not kept. Whoever runs the source has damaged or exchanged content."


class TooMuch(CopyingFailed):
    """This is more than is copied at once."""

    code = "too_much_to_copy"
    status = 400


class Interrupted(CopyingFailed):
    """The transfer broke off."""

    code = "copying_interrupted"
    default_hint = AGAIN


class RegistryRefused(CopyingFailed):
    """The registry refused, or failed."""

    code = "registry_refused"

    def __init__(
        self, message: str, *, status: int, reason: str = "", hint: str = "", wait_seconds: int | None = None
    ) -> None:
        """Keep what whoever has another way then looks at: the HTTP status, the registry's code, and `Retry-After`."""
        super().__init__(message, hint=hint)
        self.answered_status = status
        self.reason = reason
        self.wait_seconds = wait_seconds


class LoginRefused(RegistryRefused):
    """The registry does not accept the login, or wants one."""

    code = "registry_login_refused"


class CredentialsUnreadable(CopyingFailed):
    """The login for a registry cannot be read."""

    code = "credentials_unreadable"
    status = 400
