# SPDX-License-Identifier: Apache-2.0
"""How refusals look, which addresses there are, and how they may be written."""

from collections.abc import Iterable

import pytest
from structlog.testing import capture_logs

from entrepot.kernel.access import OPEN_ACTIONS
from entrepot.kernel.access import Action
from entrepot.kernel.access import Principal
from entrepot.kernel.access import Reach
from entrepot.kernel.errors import Unavailable
from entrepot.kernel.spans import behind
from entrepot.kernel.spans import subtree
from entrepot.oci.digest import digest_of
from tests.builders.manifests import an_index
from tests.fakes.allow_nothing import AllowNothing
from tests.protocol.conftest import Opener
from tests.protocol.in_process import Wiring
from tests.protocol.repository import Repository

DIGEST = digest_of(b"nothing")
AWKWARD_NAMES = [
    "blobs",
    "manifests",
    "uploads/blobs",
    "blobs/uploads",
    "manifests/tags",
    "tags/list",
    "referrers/blobs/uploads/manifests",
    "library/tags/list/manifests",
    "v2",
    "a__b/c--d/e.f",
    "0",
]


class OnlyReading(AllowNothing):
    """Lets everybody read the project `open`, and do nothing else."""

    async def allows(self, principal: Principal, action: Action, repository: str) -> bool:
        """Say yes to reading what is open."""
        return action in OPEN_ACTIONS and repository.startswith("open/")

    async def readable(
        self, principal: Principal, repositories: Iterable[str], action: Action = Action.READ
    ) -> set[str]:
        """Return those of the open project."""
        return {name for name in repositories if name.startswith("open/")}

    async def reach(self, principal: Principal, after: str) -> Reach:
        """Lead to the open project."""
        return Reach(behind(subtree("open"), after))


class Broken(AllowNothing):
    """An authorizer that cannot answer."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    async def allows(self, principal: Principal, action: Action, repository: str) -> bool:
        """Fail."""
        raise self._error

    async def readable(
        self, principal: Principal, repositories: Iterable[str], action: Action = Action.READ
    ) -> set[str]:
        """Fail."""
        raise self._error

    async def reach(self, principal: Principal, after: str) -> Reach:
        """Fail."""
        raise self._error


@pytest.mark.parametrize(
    "name",
    ["UPPER/case", "a//b", "-a", "a-", "a._b", "a___b", "a..b", "_a/b", "a/b_", "%C3%A4", "a%2Fb", "a%00", "x" * 201],
)
@pytest.mark.parametrize("tail", ["tags/list", "manifests/v1", f"blobs/{DIGEST}", "blobs/uploads/"])
def test_a_name_outside_the_grammar_is_refused(repo: Repository, name: str, tail: str) -> None:
    """A repository name that cannot be answers 400."""
    method = "POST" if tail.endswith("/") else "GET"

    assert repo.ask(method, f"/v2/{name}/{tail}").error == (400, "NAME_INVALID")


@pytest.mark.parametrize("awkward", AWKWARD_NAMES)
def test_a_name_may_be_made_of_the_api_s_own_words(repo: Repository, awkward: str) -> None:
    """Addresses are read from their end, so that repositories may be called like parts of them."""
    named = Repository(repo.transport, f"{repo.name}/{awkward}")

    built = named.push_image("v1")

    assert named.ask("GET", "manifests/v1").body == built.payload
    assert named.tags() == ["v1"]
    assert named.referrers(built.digest) == []
    assert named.close(named.session(), DIGEST, b"nothing").status == 201
    assert named.ask("DELETE", f"blobs/{DIGEST}").status == 202


@pytest.mark.parametrize(
    "path", ["/v2/x", "/v2//", "/v2/a/b", "/v2/a/tags", "/v2/a/blobs/", "/v2/a/tags/list/", "/v2x"]
)
def test_an_address_that_is_none_is_not_found(repo: Repository, path: str) -> None:
    """What is no address of this API answers 404 in its own format."""
    assert repo.ask("GET", path).error == (404, "NAME_UNKNOWN")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/v2/", "GET, HEAD"),
        ("POST", "/v2/_catalog", "GET, HEAD"),
        ("PUT", "/v2/a/tags/list", "GET, HEAD"),
        ("DELETE", f"/v2/a/referrers/{DIGEST}", "GET, HEAD"),
        ("POST", "/v2/a/manifests/v1", "DELETE, GET, HEAD, PUT"),
        ("PUT", f"/v2/a/blobs/{DIGEST}", "DELETE, GET, HEAD"),
        ("GET", "/v2/a/blobs/uploads/", "POST"),
        ("POST", "/v2/a/blobs/uploads/1", "DELETE, GET, PATCH, PUT"),
    ],
)
def test_a_method_that_is_not_for_an_address_is_refused(repo: Repository, method: str, path: str, allowed: str) -> None:
    """405 says which methods there are."""
    answer = repo.ask(method, path)

    assert answer.error == (405, "UNSUPPORTED")
    assert answer.header("allow") == allowed


@pytest.mark.parametrize("query", ["tag=%FF", "n=" + "1" * 20_000, "&".join(["a=1"] * 300)])
def test_a_query_that_cannot_be_read_is_refused(repo: Repository, query: str) -> None:
    """What is not UTF-8, or far too much, answers 400."""
    assert repo.ask("PUT", f"manifests/v1?{query}", an_index().payload).error == (400, "INVALID_REQUEST")


def test_a_request_without_a_fitting_right_changes_nothing(core: Opener) -> None:
    """Whoever may read but not write is told so, and which right is missing."""
    repo = Repository(core(Wiring(authorizer=OnlyReading())), "open/app")

    answers = [
        repo.start(),
        repo.put(an_index(), "v1"),
        repo.ask("DELETE", "manifests/v1"),
        repo.ask("DELETE", f"blobs/{DIGEST}"),
    ]

    assert [answer.error for answer in answers] == [(403, "DENIED")] * 4
    assert [answer.json["errors"][0]["detail"]["action"] for answer in answers] == ["push", "push", "delete", "delete"]


@pytest.mark.parametrize("tail", ["tags/list", "manifests/v1", f"blobs/{DIGEST}", f"referrers/{DIGEST}"])
def test_what_may_not_be_read_looks_missing(core: Opener, tail: str) -> None:
    """A closed repository and one that does not exist get the same answer, but for the name in it."""
    transport = core(Wiring(authorizer=OnlyReading()))
    names = ("closed/app", "closed/not")

    answers = [Repository(transport, name).ask("GET", tail) for name in names]

    assert [answer.error for answer in answers] == [(404, "NAME_UNKNOWN")] * 2
    assert answers[0].body.replace(b"closed/app", b"closed/not") == answers[1].body


def test_a_part_that_is_away_asks_for_patience(core: Opener) -> None:
    """503 comes with `Retry-After`, never as 500."""
    answer = Repository(core(Wiring(authorizer=Broken(Unavailable()))), "any").start()

    assert answer.error == (503, "UNAVAILABLE")
    assert int(answer.header("retry-after") or "") > 0


def test_a_defect_tells_nothing_but_where_to_look(core: Opener) -> None:
    """500 names the request for the log, and nothing of what went wrong."""
    with capture_logs() as logged:
        answer = Repository(core(Wiring(authorizer=Broken(ZeroDivisionError("a secret")))), "any").start()

    assert answer.error == (500, "UNKNOWN")
    assert [entry["request_id"] for entry in logged] == [answer.header("x-request-id")]
    assert answer.json["errors"][0]["detail"] == {"request_id": answer.header("x-request-id")}
    assert b"secret" not in answer.body


def test_requests_have_names_of_their_own(repo: Repository) -> None:
    """Each answer carries an id that no other one has, once."""
    ids = [repo.ask("GET", path).header("x-request-id") for path in ["/v2/", "/v2/", "tags/list", "/v2/_catalog"]]

    assert len(set(ids)) == 4
