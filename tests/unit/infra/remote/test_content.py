# SPDX-License-Identifier: Apache-2.0
"""How content is named."""

import pytest
from hypothesis import given
from hypothesis import strategies

from entrepot.infra.remote.client import Client
from entrepot.infra.remote.client import Target
from entrepot.infra.remote.content import Reference
from entrepot.infra.remote.content import digest_of
from entrepot.infra.remote.content import parse_content_reference
from entrepot.infra.remote.content import tag_path
from entrepot.kernel.errors import AppError
from entrepot.kernel.errors import InvalidRequest
from entrepot.kernel.errors import NotFound
from entrepot.oci.digest import Digest
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import TagName
from tests.fakes.scripted_server import Scripted
from tests.fakes.scripted_server import ScriptedServer

DIGEST = Digest("sha256:" + "0" * 64)
TAGGED = Reference(RepositoryName("team/app"), tag=TagName("1.0"))
EXACT = Reference(RepositoryName("team/app"), digest=DIGEST)


def test_a_tag_or_a_digest_is_named() -> None:
    """After the repository."""
    assert parse_content_reference("team/app:1.0") == TAGGED
    assert parse_content_reference(f"team/app@{DIGEST}") == EXACT


@given(strategies.text())
def test_any_text_names_something_or_is_refused(text: str) -> None:
    """With an error for people, whatever it is."""
    try:
        reference = parse_content_reference(text)
    except AppError:
        return
    assert (reference.tag is None) != (reference.digest is None)


@pytest.mark.parametrize("text", ["team/app", "team/app:", "team/app@", "team/app@sha256:0", ":1.0", "../app:1.0"])
def test_half_a_name_is_refused(text: str) -> None:
    """So is one that would lead elsewhere."""
    with pytest.raises(AppError):
        parse_content_reference(text)


def test_an_image_as_docker_names_it_is_told_apart() -> None:
    """The hint is the same without the server, which is chosen otherwise."""
    with pytest.raises(InvalidRequest, match="begins with the address of a server") as refused:
        parse_content_reference("127.0.0.1:5000/team/app:1.0")

    assert refused.value.hint.startswith("Leave it out, and write 'team/app:1.0';")


def test_what_takes_one_kind_refuses_the_other() -> None:
    """With an example of how it is written."""
    with pytest.raises(AppError, match="names no tag"):
        EXACT.require_tag()
    with pytest.raises(AppError, match="names no digest"):
        TAGGED.require_digest()
    assert (TAGGED.require_tag(), EXACT.require_digest()) == (TAGGED, EXACT)


def test_a_tag_is_in_its_repository() -> None:
    """The path ends the name of the repository before the tag."""
    assert tag_path(TAGGED) == "repositories/team/app/-/tags/1.0"


def test_a_tag_means_what_it_points_at() -> None:
    """Its newest change tells; one that was deleted points at nothing."""
    values = (b'{"items": [{"digest": "%s"}]}' % DIGEST.encode(), b'{"items": [{"digest": null}]}')
    with ScriptedServer(*(Scripted(200, value) for value in values)).running() as server:
        client = Client(Target(server.url))

        assert digest_of(client, TAGGED) == DIGEST
        with pytest.raises(NotFound, match=r"team/app has no tag 1\.0"):
            digest_of(client, TAGGED)
    assert {each.target for each in server.asked} == {"/api/v1/repositories/team/app/-/tags/1.0/history?limit=1"}
