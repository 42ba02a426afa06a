# SPDX-License-Identifier: Apache-2.0
"""Blobs that another repository has already (end-11)."""

from collections.abc import Iterable

import pytest

from entrepot.kernel.access import OPEN_ACTIONS
from entrepot.kernel.access import Action
from entrepot.kernel.access import Principal
from entrepot.kernel.access import Reach
from entrepot.kernel.spans import behind
from entrepot.kernel.spans import subtree
from entrepot.oci.digest import digest_of
from tests.fakes.allow_nothing import AllowNothing
from tests.protocol.conftest import Opener
from tests.protocol.in_process import Wiring
from tests.protocol.repository import Repository

CONTENT = b"bytes that travel nowhere"
ALGORITHMS = pytest.mark.parametrize("algorithm", ["sha256", "sha512"])


class OnlyTheOpenProject(AllowNothing):
    """Lets everybody push everywhere, and read in the project `open` only."""

    async def allows(self, principal: Principal, action: Action, repository: str) -> bool:
        """Say no to reading what is closed."""
        return action not in OPEN_ACTIONS or repository.startswith("open/")

    async def readable(
        self, principal: Principal, repositories: Iterable[str], action: Action = Action.READ
    ) -> set[str]:
        """Return those of the open project."""
        return {name for name in repositories if name.startswith("open/")}

    async def reach(self, principal: Principal, after: str) -> Reach:
        """Lead to the open project."""
        return Reach(behind(subtree("open"), after))


@ALGORITHMS
@pytest.mark.parametrize("is_named", [True, False], ids=["from", "anonymous"])
def test_a_blob_is_mounted(repo: Repository, other: Repository, algorithm: str, is_named: bool) -> None:
    """201 without a byte sent: the blob is here, under its Location and digest, with `from` and without."""
    digest = other.upload(CONTENT, algorithm)
    source = (("from", other.name),) if is_named else ()

    answer = repo.start(("mount", digest), *source)

    assert (answer.status, answer.header("docker-content-digest")) == (201, digest)
    assert answer.location == f"/v2/{repo.name}/blobs/{digest}"
    assert repo.ask("GET", answer.location).body == CONTENT


@ALGORITHMS
def test_a_mounted_blob_is_a_repository_s_own(repo: Repository, other: Repository, algorithm: str) -> None:
    """Deleting the blob where it came from, or here, leaves the other one alone."""
    digest = other.upload(CONTENT, algorithm)
    repo.start(("mount", digest), ("from", other.name))

    assert other.ask("DELETE", f"blobs/{digest}").status == 202

    assert (other.status("blobs", digest), repo.status("blobs", digest)) == (404, 200)


@ALGORITHMS
@pytest.mark.parametrize("source", ["missing/repository", "", "Not A Name"], ids=["missing", "anonymous", "invalid"])
def test_a_mount_that_fails_begins_an_upload(repo: Repository, algorithm: str, source: str) -> None:
    """A blob that is not there, or a source that cannot be, answers 202 with a session that works."""
    digest = digest_of(repo.name.encode(), algorithm)

    answer = repo.start(("mount", digest), *((("from", source),) if source else ()))

    assert (answer.status, answer.header("range")) == (202, "0-0")
    assert repo.close(answer.location, digest, repo.name.encode()).status == 201


def test_the_session_of_a_failed_mount_may_be_cancelled(repo: Repository, other: Repository) -> None:
    """Clients that do not want the session end it."""
    answer = repo.start(("mount", digest_of(repo.name.encode())), ("from", other.name))

    assert repo.ask("DELETE", answer.location).status == 204


def test_only_the_named_source_is_asked(repo: Repository, other: Repository) -> None:
    """A mount from a repository that lacks the blob fails, even if a third one has it."""
    digest = repo.upload(repo.name.encode())

    answer = Repository(repo.transport, f"{other.name}/target").start(("mount", digest), ("from", other.name))

    assert answer.status == 202


def test_a_deleted_blob_is_not_mounted(repo: Repository, other: Repository) -> None:
    """A blob that was deleted from its source cannot be mounted from there."""
    digest = other.upload(other.name.encode())
    other.ask("DELETE", f"blobs/{digest}")

    assert repo.start(("mount", digest), ("from", other.name)).status == 202
    assert repo.start(("mount", digest)).status == 202


def test_a_mount_of_a_malformed_digest_is_refused(repo: Repository) -> None:
    """What is no digest answers 400."""
    assert repo.start(("mount", "sha256:short"), ("from", "a/b")).error == (400, "DIGEST_INVALID")


def test_parameters_that_mean_nothing_are_ignored(repo: Repository, other: Repository) -> None:
    """`origin`, which some clients send, changes nothing."""
    digest = other.upload(CONTENT)

    assert repo.start(("mount", digest), ("from", other.name), ("origin", "registry.example")).status == 201


def test_a_repository_mounts_from_itself(repo: Repository) -> None:
    """A blob that is here already is simply here."""
    digest = repo.upload(CONTENT)

    assert repo.start(("mount", digest), ("from", repo.name)).status == 201


@pytest.mark.parametrize("query", [(("from", "closed/app"),), ()], ids=["from", "anonymous"])
def test_a_mount_never_opens_what_may_not_be_read(core: Opener, query: tuple[tuple[str, str], ...]) -> None:
    """A blob of a repository that the caller may not read looks like one that does not exist."""
    transport = core(Wiring(authorizer=OnlyTheOpenProject()))
    digest = Repository(transport, "closed/app").upload(CONTENT)

    answer = Repository(transport, "open/app").start(("mount", digest), *query)

    assert answer.status == 202


def test_an_anonymous_mount_finds_a_source_that_may_be_read(core: Opener) -> None:
    """Of the repositories that have the blob, one that the caller may read is enough."""
    transport = core(Wiring(authorizer=OnlyTheOpenProject()))
    digest = Repository(transport, "closed/app").upload(CONTENT)
    Repository(transport, "open/base").upload(CONTENT)

    answer = Repository(transport, "open/app").start(("mount", digest))

    assert answer.status == 201
