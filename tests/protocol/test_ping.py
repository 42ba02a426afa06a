# SPDX-License-Identifier: Apache-2.0
"""Whether this is a registry, and who must log in (end-1)."""

import pytest

from entrepot.kernel.access import ANONYMOUS
from entrepot.kernel.access import Credentials
from entrepot.kernel.access import Principal
from tests.fakes.allow_nothing import AllowNothing
from tests.protocol.conftest import Opener
from tests.protocol.exchange import Question
from tests.protocol.in_process import HOST
from tests.protocol.in_process import Wiring
from tests.protocol.repository import Repository


class NobodyIsKnown:
    """Takes every request for one without credentials."""

    async def authenticate(self, credentials: Credentials) -> Principal:
        """Return the anonymous principal."""
        return ANONYMOUS

    async def is_live(self, principal: Principal) -> bool:
        """Nobody stays nobody."""
        return True


@pytest.mark.parametrize("path", ["/v2/", "/v2"])
def test_the_base_says_that_the_api_is_spoken(repo: Repository, path: str) -> None:
    """`/v2/` answers 200 with an empty JSON object, with and without its slash and without a redirect."""
    answer = repo.ask("GET", path)

    assert (answer.status, answer.header("content-type"), answer.body) == (200, "application/json", b"{}")


def test_head_of_the_base_is_get_without_its_body(repo: Repository) -> None:
    """HEAD announces the length of the body that GET has."""
    answer = repo.ask("HEAD", "/v2/")

    assert (answer.status, answer.header("content-length")) == (200, "2")


def test_somebody_unknown_is_told_where_to_log_in(core: Opener) -> None:
    """`/v2/` without credentials answers 401 with a Bearer challenge that is not kept by caches."""
    answer = core(Wiring(authenticator=NobodyIsKnown())).send(Question("GET", "/v2/"))

    assert answer.error == (401, "UNAUTHORIZED")
    assert answer.header("www-authenticate") == f'Bearer realm="http://{HOST}/auth/token",service="entrepot"'
    assert answer.header("cache-control") == "no-store"


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("GET", "team/app/manifests/v1", "repository:team/app:pull"),
        ("HEAD", "team/app/blobs/sha256:00", "repository:team/app:pull"),
        ("GET", "team/app/tags/list", "repository:team/app:pull"),
        ("PUT", "team/app/manifests/v1", "repository:team/app:pull,push"),
        ("POST", "team/app/blobs/uploads/", "repository:team/app:pull,push"),
        ("DELETE", "team/app/blobs/uploads/1", "repository:team/app:pull,push"),
        ("DELETE", "team/app/manifests/v1", "repository:team/app:delete"),
        (
            "POST",
            "team/app/blobs/uploads/?mount=sha256:00&from=a/b",
            "repository:team/app:pull,push repository:a/b:pull",
        ),
        ("GET", "_catalog", "registry:catalog:*"),
    ],
)
def test_the_challenge_names_the_scope_that_is_needed(core: Opener, method: str, path: str, scope: str) -> None:
    """The challenge's scope is what a token must cover; a cancelled upload needs no right to delete."""
    wiring = Wiring(authenticator=NobodyIsKnown(), authorizer=AllowNothing())

    answer = core(wiring).send(Question(method, f"/v2/{path}"))

    assert answer.status == 401
    assert f'scope="{scope}"' in (answer.header("www-authenticate") or "")
