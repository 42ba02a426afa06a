# SPDX-License-Identifier: Apache-2.0
"""The cookie of a browser session (RFC 6265): how it is called, set and read, and whether a page of ours sent it."""

from entrepot.infra.http.authority import DEFAULT_PORTS
from entrepot.infra.http.authority import Authority
from entrepot.infra.http.authority import parse_authority
from entrepot.infra.http.request import Request
from entrepot.kernel.access import SessionCookie
from entrepot.kernel.errors import Forbidden
from entrepot.kernel.errors import InvalidRequest

NAME = "entrepot-session"
SECURE_NAME = f"__Secure-{NAME}"
"""The name over https. A browser takes it from a secure answer only."""

CSRF_HEADER = b"x-csrf-token"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class ForeignPage(Forbidden):
    """A page of another site made this request."""

    code = "csrf"
    default_hint = "Open the console at its own address; behind a proxy, let it pass on Host as the browser sent it."


def cookie_of(request: Request) -> SessionCookie | None:
    """Return the session's cookie, None without one and beside an `Authorization` header.

    Raises `InvalidRequest` when there are several: another host of the same domain can add one.
    """
    if request.header(b"authorization") is not None:
        return None
    wanted = name_at(request)
    lines = (value.decode("latin-1") for name, value in request.headers if name == b"cookie")
    pairs = [pair.strip(" \t").partition("=") for line in lines for pair in line.split(";")]
    found = {value for name, _, value in pairs if name == wanted}
    if len(found) > 1:
        raise InvalidRequest(f"the cookie {wanted} is repeated", hint="Delete the cookies of this address.")
    if not found:
        return None
    return SessionCookie(
        secret=found.pop(),
        csrf_token=request.header(CSRF_HEADER) or "",
        is_safe=request.method in SAFE_METHODS,
        is_foreign=is_foreign(request),
    )


def set_cookie(request: Request, secret: str) -> str:
    """Return the `Set-Cookie` that gives a session's secret to the browser, for `/api` and until it is closed."""
    return f"{name_at(request)}={secret}; {_attributes(request)}"


def clear_cookie(request: Request) -> str:
    """Return the `Set-Cookie` that takes it away."""
    return f"{name_at(request)}=; Max-Age=0; {_attributes(request)}"


def is_foreign(request: Request) -> bool:
    """Tell whether a browser says that a page of another origin made the request.

    `Sec-Fetch-Site` tells (Fetch Metadata); where a browser sends none, `Origin` names another host than `Host`, or
    over https, a page that came without. What is no browser sends neither.
    """
    site = request.header(b"sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = request.header(b"origin")
    if origin is None:
        return False
    scheme, _, host = origin.partition("://")
    own = parse_authority(request.header(b"host") or "")
    if _is_secure(request) and scheme != "https":
        return True
    return own is None or _with_port(parse_authority(host), scheme) != _with_port(own, scheme)


def require_own_page(request: Request) -> None:
    """Do nothing unless a page of another origin made the request. Raises `ForeignPage`."""
    if is_foreign(request):
        raise ForeignPage


def name_at(request: Request) -> str:
    """Return what the cookie is called at the scheme of this request."""
    return SECURE_NAME if _is_secure(request) else NAME


def _attributes(request: Request) -> str:
    path = f"{request.scope.get('root_path', '')}/api"
    return f"Path={path}; HttpOnly; SameSite=Strict" + ("; Secure" if _is_secure(request) else "")


def _is_secure(request: Request) -> bool:
    return bool(request.scope["scheme"] == "https")


def _with_port(authority: Authority | None, scheme: str) -> tuple[str, int] | None:
    """Return host and port, where the port of a scheme goes without saying."""
    return None if authority is None else (authority.host, authority.port or DEFAULT_PORTS.get(scheme, 0))
