# SPDX-License-Identifier: Apache-2.0
"""`/auth/token`: the token service that the challenge on `/v2` sends clients to.

GET takes query parameters and optional Basic credentials (distribution token
specification), POST takes a form (the same over OAuth 2.0, RFC 6749 sections 4.3 and
6). Who logs in and asks for it (`offline_token=true`, `access_type=offline`) gets a
refresh token as well. `service`, `client_id` and `account` are accepted and change nothing.
"""

from collections.abc import Awaitable
from typing import Any
from urllib.parse import parse_qs

import msgspec
import structlog

from entrepot.features.tokens.authenticator import HeaderAuthenticator
from entrepot.features.tokens.credentials import CredentialChecks
from entrepot.features.tokens.models import TokenAnswer
from entrepot.features.tokens.refresh import RefreshTokens
from entrepot.features.tokens.scopes import parse_scopes
from entrepot.features.tokens.service import TokenService
from entrepot.infra.http.limited import rate_limit_header
from entrepot.infra.http.request import MAX_QUERY_FIELDS
from entrepot.infra.http.request import ClientDisconnected
from entrepot.infra.http.request import Receive
from entrepot.infra.http.request import Request
from entrepot.infra.http.request import Scope
from entrepot.infra.http.request import Send
from entrepot.infra.http.response import Response
from entrepot.infra.http.response import header_list
from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.clock import rfc3339
from entrepot.kernel.errors import AppError
from entrepot.kernel.errors import InvalidRequest
from entrepot.kernel.errors import Unauthenticated
from entrepot.kernel.request_facts import about_request
from entrepot.kernel.request_limits import UNLIMITED
from entrepot.kernel.request_limits import RequestClass
from entrepot.kernel.request_limits import RequestLimits

log = structlog.get_logger(__name__)

Form = dict[str, list[str]]

MAX_FORM_BYTES = 64 * 1024
FORM_TYPE = "application/x-www-form-urlencoded"
REFRESH_GRANT = "refresh_token"

_OAUTH_ERRORS = {
    401: "invalid_grant",
    413: "invalid_request",
    429: "temporarily_unavailable",
    503: "temporarily_unavailable",
}
_OCI_CODES = {401: "UNAUTHORIZED", 429: "TOOMANYREQUESTS", 503: "UNAVAILABLE"}


class MethodNotAllowed(AppError):
    """Tokens are fetched with GET or POST."""

    code = "invalid_request"
    status = 405

    def __init__(self) -> None:
        super().__init__(headers={"Allow": "GET, POST"})


class UnsupportedGrantType(InvalidRequest):
    """The grant type is not supported."""

    code = "unsupported_grant_type"
    default_hint = "Use grant_type=password or grant_type=refresh_token, or GET with Basic credentials."


class TokenEndpoint:
    """The ASGI application behind `/auth/token`."""

    def __init__(
        self,
        credentials: CredentialChecks,
        authenticator: HeaderAuthenticator,
        tokens: TokenService,
        refresh_tokens: RefreshTokens,
        limits: RequestLimits = UNLIMITED,
    ) -> None:
        self._credentials = credentials
        self._authenticator = authenticator
        self._tokens = tokens
        self._refresh_tokens = refresh_tokens
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(scope, receive)
        try:
            if request.method == "GET":
                response = await self._get(request)
            elif request.method == "POST":
                response = await self._post(request)
            else:
                raise MethodNotAllowed
        except ClientDisconnected:
            return
        except AppError as error:
            about_request().answered_with(error)
            if error.status >= 500:
                log.warning("token_refused", request_id=request.request_id, code=error.code, reason=error.message)
            response = _refusal(error, request)
        response.headers += [(b"x-request-id", request.request_id.encode()), *rate_limit_header()]
        await response.send(request, send)

    async def _get(self, request: Request) -> Response:
        scopes = parse_scopes(request.parameters("scope"))
        principal = about_request().principal = await self._counted(self._principal(request), request)
        answer = _body(await self._tokens.issue(principal, scopes))
        if request.parameter("offline_token") == "true":
            answer |= await self._refresh_token(principal)
        return _success(answer)

    async def _post(self, request: Request) -> Response:
        form = await _read_form(request)
        scopes = parse_scopes(form.get("scope", []))
        principal = about_request().principal = await self._counted(self._grantee(form, request), request)
        issued = await self._tokens.issue(principal, scopes)
        answer = {**_body(issued), "scope": " ".join(map(str, issued.access))}
        if _single(form, "access_type") == "offline":
            is_renewal = _single(form, "grant_type") == REFRESH_GRANT
            kept = {"refresh_token": _single(form, "refresh_token")}
            answer |= kept if is_renewal else await self._refresh_token(principal)
        return _success(answer)

    async def _counted(self, asking: Awaitable[Principal], request: Request) -> Principal:
        """Return who asks, and count that for them; for the address where that is nobody known."""
        try:
            principal = await asking
        except Unauthenticated:
            await self._limits.admit(RequestClass.TOKEN, None, request.address)
            raise
        await self._limits.admit(RequestClass.TOKEN, principal, request.address)
        return principal

    async def _grantee(self, form: Form, request: Request) -> Principal:
        """Return who a form asks for."""
        grant_type = _single(form, "grant_type")
        if grant_type == "password":
            name, password = _required(form, "username"), _required(form, "password")
            return await self._credentials.authenticate(name, password, request.address)
        if grant_type == REFRESH_GRANT:
            return await self._refresh_tokens.redeem(_required(form, "refresh_token"), request.address)
        if grant_type:
            raise UnsupportedGrantType
        return await self._principal(request)

    async def _principal(self, request: Request) -> Principal:
        return await self._authenticator.log_in(request.single_header(b"authorization") or "", request.address)

    async def _refresh_token(self, principal: Principal) -> dict[str, str]:
        """Return the part of the answer that somebody who is not anonymous gets when they ask for it."""
        if principal.kind is PrincipalKind.ANONYMOUS:
            return {}
        return {"refresh_token": await self._refresh_tokens.issue(principal)}


async def _read_form(request: Request) -> Form:
    body = await request.body(MAX_FORM_BYTES)
    media_type = (request.header(b"content-type") or "").partition(";")[0].strip().lower()
    if body and media_type != FORM_TYPE:
        raise InvalidRequest(f"the body is not a form: send {FORM_TYPE}")
    try:
        return parse_qs(body.decode(), keep_blank_values=True, max_num_fields=MAX_QUERY_FIELDS, errors="strict")
    except ValueError:
        raise InvalidRequest("the form is not valid percent-encoded UTF-8, or has too many fields") from None


def _single(form: Form, name: str) -> str:
    values = form.get(name, [""])
    if len(values) > 1:
        raise InvalidRequest(f"the form field {name} is repeated")
    return values[0]


def _required(form: Form, name: str) -> str:
    value = _single(form, name)
    if not value:
        raise InvalidRequest(f"the form field {name} is missing, and this grant_type needs it")
    return value


def _body(answer: TokenAnswer) -> dict[str, Any]:
    return {
        "token": answer.token,
        "access_token": answer.token,
        "expires_in": answer.expires_in_seconds,
        "issued_at": rfc3339(answer.issued_at),
    }


def _success(body: dict[str, Any]) -> Response:
    return _json(200, body, {})


def _refusal(error: AppError, request: Request) -> Response:
    """Say no so that OAuth clients (RFC 6749 section 5.2) and registry clients (OCI error JSON) both print why."""
    message = f"{error.message.rstrip('.')}. {error.hint}" if error.hint else error.message
    body = {
        "error": _OAUTH_ERRORS.get(error.status, error.code),
        "error_description": message,
        "errors": [{"code": _OCI_CODES.get(error.status, "UNKNOWN"), "message": message, "detail": None}],
    }
    headers = error.headers
    if error.status == 401 and request.header(b"authorization") is not None:
        headers = {**headers, "WWW-Authenticate": 'Basic realm="entrepot", charset="UTF-8"'}
    return _json(error.status, body, headers)


def _json(status: int, body: dict[str, Any], headers: dict[str, str]) -> Response:
    fixed = {"Content-Type": "application/json", "Cache-Control": "no-store"}
    return Response(status, header_list({**fixed, **headers}.items()), msgspec.json.encode(body))
