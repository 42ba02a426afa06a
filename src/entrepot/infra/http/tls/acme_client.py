# SPDX-License-Identifier: Apache-2.0
"""Ordering a certificate from an ACME authority (RFC 8555) with the HTTP-01 challenge. Blocks for up to minutes.

Imported only where certificates are ordered: the library brings an HTTP client of its own.
"""

from collections.abc import Callable
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from typing import Any
from typing import cast

import requests
from acme import challenges
from acme import client
from acme import errors
from acme import messages
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from josepy.errors import Error as JoseError
from josepy.jwa import ES256
from josepy.jwk import JWKEC

from entrepot.infra.http.tls.settings import AcmeSettings
from entrepot.kernel.errors import AppError

ORDER_SECONDS = 180
REQUEST_SECONDS = 30
USER_AGENT = "entrepot"


class OrderFailed(AppError):
    """The authority gave no certificate."""

    code = "certificate_order_failed"


def order_certificate(
    settings: AcmeSettings, account_key: bytes, request: bytes, publish: Callable[[str, str], None]
) -> bytes:
    """Return the certificate for a PKCS#10 `request`, with its chain, in PEM.

    `account_key` is an EC key in PEM; the account is made when the authority
    has none for it. `publish` is given the token of each challenge and what is to
    be answered. Raises `OrderFailed`.
    """
    try:
        return _order(settings, account_key, request, publish)
    except errors.ValidationError as error:
        hint = "Port 80 of each host has to lead here: see to its DNS record, firewall and server.tls.acme.http_port."
        raise OrderFailed(f"the authority could not verify {_problems(error)}", hint=hint) from error
    except messages.Error as error:
        hint = "Correct what it says in [server.tls.acme]; its documentation has the limits it keeps."
        raise OrderFailed(f"the authority refused the order: {_problem(error)}", hint=hint) from error
    except (errors.TimeoutError, requests.Timeout) as error:
        raise OrderFailed("the authority took too long to answer", hint="It is tried again.") from error
    except requests.RequestException as error:
        hint = "See to the network and to server.tls.acme.directory; an authority of your own needs acme.ca_file."
        raise OrderFailed(f"the authority cannot be reached: {error}", hint=hint) from error
    except (errors.Error, JoseError, KeyError, ValueError) as error:
        hint = "See that server.tls.acme.directory is the address of an ACME directory."
        raise OrderFailed(f"the authority's answer cannot be used: {error!r}", hint=hint) from error


def _order(settings: AcmeSettings, account_key: bytes, request: bytes, publish: Callable[[str, str], None]) -> bytes:
    key = JWKEC(key=cast("Any", load_pem_private_key(account_key, password=None)))
    network = client.ClientNetwork(
        key,
        alg=ES256,
        # The client hands this to requests, which takes the path of a file as well.
        verify_ssl=cast("bool", str(settings.ca_file) if settings.ca_file else True),
        user_agent=USER_AGENT,
        timeout=REQUEST_SECONDS,
    )
    authority = client.ClientV2(client.ClientV2.get_directory(settings.directory, network), network)
    _log_in(authority, settings, key)
    order = authority.new_order(request)
    for authorization in order.authorizations:
        if authorization.body.status == messages.STATUS_PENDING:
            challenge = _http_challenge(authorization)
            response, answer = challenge.response_and_validation(key)
            publish(challenge.chall.encode("token"), answer)
            authority.answer_challenge(challenge, response)
    # The library compares with the local time of a machine, without its zone.
    deadline = datetime.now(UTC).astimezone().replace(tzinfo=None) + timedelta(seconds=ORDER_SECONDS)
    return authority.poll_and_finalize(order, deadline).fullchain_pem.encode()


def _log_in(authority: client.ClientV2, settings: AcmeSettings, key: JWKEC) -> None:
    """Use the account of `key`; make it when there is none."""
    binding = None
    secret = settings.eab_hmac_key.get_secret_value()
    if settings.eab_key_id and secret:
        binding = messages.ExternalAccountBinding.from_data(
            key.public_key(), settings.eab_key_id, secret, authority.directory
        )
    wanted = messages.NewRegistration.from_data(
        email=settings.email or None,
        terms_of_service_agreed=settings.agree_terms,
        external_account_binding=binding,
    )
    try:
        authority.new_account(wanted)
    except errors.ConflictError as error:
        known = messages.RegistrationResource(uri=error.location, body=messages.Registration())
        authority.query_registration(known)


def _http_challenge(authorization: messages.AuthorizationResource) -> messages.ChallengeBody:
    for challenge in authorization.body.challenges:
        if isinstance(challenge.chall, challenges.HTTP01):
            return challenge
    host = authorization.body.identifier.value
    hint = "It needs another kind of proof (a wildcard needs DNS): order it with another tool, and use --tls-cert."
    raise OrderFailed(f"the authority offers no HTTP-01 challenge for {host}", hint=hint)


def _problems(error: errors.ValidationError) -> str:
    found = [
        f"{failed.body.identifier.value} ({_problem(challenge.error)})"
        for failed in error.failed_authzrs
        for challenge in failed.body.challenges
        if challenge.error is not None
    ]
    return ", ".join(found)


def _problem(error: messages.Error) -> str:
    return " ".join(filter(None, (error.detail, *map(_problem, error.subproblems or ())))) or str(error.typ)
