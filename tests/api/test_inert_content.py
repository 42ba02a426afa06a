# SPDX-License-Identifier: Apache-2.0
"""Whatever was pushed is found at the origin of the console, and gets no power from that."""

import json

import pytest

from entrepot.oci.digest import digest_of
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.browsers import logged_in
from tests.builders.manifests import A_CONFIG
from tests.builders.manifests import an_image_manifest

PAGE = json.dumps({"schemaVersion": 2, "x": "<script src=/v2/team/app/blobs/sha256:0></script>"}).encode()

pytestmark = pytest.mark.anyio


async def test_a_manifest_that_says_it_is_a_page_is_none(alice: Client) -> None:
    """Its media type is what was pushed, as clients ask for; a browser that goes there runs nothing as ours."""
    pushed = await alice.send("PUT", "/v2/team/app/manifests/page", PAGE, ("content-type", "text/html"))

    found = await alice.get("/v2/team/app/manifests/page")

    assert (pushed.status, found.status, found.header("content-type")) == (201, 200, "text/html")
    assert found.header("content-security-policy") == "default-src 'none'; sandbox"
    assert found.header("x-content-type-options") == "nosniff"


async def test_a_blob_is_no_script_of_ours(alice: Client) -> None:
    """A browser does not take it for a script or a style, which pages of the console may load from their origin."""
    await alice.push_image("team/app", an_image_manifest(), "1.0")

    found = await alice.get(f"/v2/team/app/blobs/{digest_of(A_CONFIG)}")

    assert (found.status, found.header("content-type")) == (200, "application/octet-stream")
    assert found.header("x-content-type-options") == "nosniff"


async def test_what_one_reader_is_shown_is_kept_for_nobody_else(application: Application) -> None:
    """Caches keep apart what an Authorization header asked for, but not what a cookie did: they keep no answer."""
    alice = await logged_in(application, "alice", ("team/**", "admin"))

    shown = [await alice.get(f"/api/v1/{each}") for each in ("users/me", "repositories", "tokens")]
    refused = await alice.get("/api/v1/users")
    nowhere = await application.anonymous().get("/nowhere")

    assert {each.status for each in shown} == {200}
    assert (refused.status, nowhere.status) == (403, 404)
    assert {each.header("cache-control") for each in (*shown, refused, nowhere)} == {"no-store"}
