# SPDX-License-Identifier: Apache-2.0
"""How proofs, and changes of second factors, are refused."""

from entrepot.kernel.errors import Conflict
from entrepot.kernel.errors import Forbidden
from entrepot.kernel.errors import InvalidRequest
from entrepot.kernel.errors import NotFound


class SecondFactorWrong(Forbidden):
    """The second factor does not prove it."""

    code = "second_factor_wrong"
    default_hint = (
        "Give a code that you have not used yet, and check that the clock of your device is right; "
        "a recovery code works once. An administrator can reset lost second factors."
    )


class OnlyThemselves(Forbidden):
    """Second factors are changed by the user they belong to, logged in to the console or with the password."""

    code = "only_themselves"
    default_hint = "Log in to the console; no token, and no robot, does this."


class NotYourOwn(Forbidden):
    """Administrators reset the second factors of others, not their own."""

    code = "not_your_own"
    default_hint = "Remove yours one by one, or ask another administrator."


class SecondFactorUnknown(NotFound):
    """You have no such second factor, or it was not confirmed in time."""

    code = "second_factor_unknown"
    default_hint = "GET /api/v1/users/me/second-factors lists yours; what is not confirmed in time has to begin anew."


class InvalidFactorName(InvalidRequest):
    """The name is not 1 to 64 printable characters."""

    code = "invalid_factor_name"
    default_hint = "Name it after the device that holds it."


class TooManyFactors(Conflict):
    """There are as many second factors as one user may have."""

    code = "too_many_second_factors"
    default_hint = "Remove one that is no longer used."


class LastSecondFactor(Conflict):
    """This is the last second factor, and the account has to have one."""

    code = "last_second_factor"
    default_hint = "Set up another one first."


class NoSecondFactor(Conflict):
    """There is no second factor that this could stand in for."""

    code = "no_second_factor"
    default_hint = "Set up an app or a security key first."


class CredentialTaken(Conflict):
    """This security key is set up already."""

    code = "credential_taken"
    default_hint = "Use the one that is listed, or remove it first."


class WebAuthnImpossible(Conflict):
    """Browsers do not let security keys be used at this address."""

    code = "webauthn_impossible"


class NoKeyForThisHost(Conflict):
    """None of your security keys was set up at this address."""

    code = "no_key_for_this_host"
    default_hint = "Open the console at the address where they were set up, or prove it in another way."


class SecretUnreadable(Conflict):
    """The secret of this second factor was encrypted by another instance key."""

    code = "second_factor_unreadable"
    default_hint = "Ask an administrator to reset it, or to restore the instance key of this installation."
