# SPDX-License-Identifier: Apache-2.0
"""Registries with habits of their own, copied from and to."""

from pathlib import Path

import pytest

from entrepot.infra.distribution import repository
from entrepot.infra.distribution.content import Outcome
from entrepot.infra.distribution.copying import Report
from entrepot.infra.distribution.credentials import Login
from entrepot.infra.distribution.errors import ContentMissing
from entrepot.infra.distribution.errors import ContentWrong
from entrepot.infra.distribution.errors import CopyingFailed
from entrepot.infra.distribution.errors import LoginRefused
from entrepot.infra.distribution.errors import RegistryRefused
from entrepot.infra.distribution.layout import LayoutSource
from entrepot.infra.distribution.layout import blob_name
from entrepot.infra.distribution.registry import RegistrySource
from entrepot.infra.distribution.registry import RegistryTarget
from entrepot.infra.http.outbound.errors import AddressForbidden
from entrepot.infra.http.outbound.errors import Unreachable
from entrepot.oci.digest import digest_of
from entrepot.oci.digest import referrers_tag
from tests.builders.copying import TAG
from tests.builders.copying import Traveller
from tests.builders.copying import a_layout
from tests.builders.copying import an_image
from tests.builders.copying import copy_all
from tests.builders.copying import opened_layout
from tests.builders.copying import opened_target
from tests.builders.copying import pull_from
from tests.builders.copying import push_to
from tests.builders.copying import some_bytes
from tests.builders.manifests import BuiltManifest
from tests.builders.manifests import an_index
from tests.unit.infra.distribution.conftest import Served

pytestmark = pytest.mark.anyio

LARGE = some_bytes(9 * 1024 * 1024)
SMALL = b"a small layer"
IMAGE = an_image(LARGE, SMALL)


def holding(served: Served, built: BuiltManifest = IMAGE, *blobs: bytes, tag: str = TAG) -> Served:
    """Have a registry hold an image."""
    served.registry.has("team/app", built, tag)
    for content in blobs or (LARGE, SMALL, b"{}"):
        served.registry.has_blob("team/app", content)
    return served


async def layout(folder: Path) -> LayoutSource:
    """Return a layout that holds the image."""
    return await opened_layout(a_layout(folder / "source", IMAGE, LARGE, SMALL, b"{}"))


def is_whole(served: Served) -> bool:
    """Tell whether a registry has all of the image."""
    found = served.registry
    has_blobs = all(found.blobs.get(("team/app", digest_of(each))) == each for each in (LARGE, SMALL, b"{}"))
    return has_blobs and found.manifests["team/app", TAG][1] == IMAGE.payload


async def between(traveller: Traveller, one: Served, other: Served) -> Report:
    """Copy from one registry to another."""
    async with traveller.registries() as registries:
        source = RegistrySource(await traveller.repository(registries, one.url, writes=False))
        target = RegistryTarget(await traveller.repository(registries, other.url), traveller.notes)
        return await copy_all(source, target, traveller.flow(), TAG)


async def test_an_image_is_pushed_and_pulled(one: Served, traveller: Traveller, tmp_path: Path) -> None:
    """And is the same, byte for byte; a second time nothing moves."""
    await push_to(traveller, await layout(tmp_path), one.url, TAG)
    report = await pull_from(traveller, one.url, await opened_target(tmp_path / "pulled"), TAG)
    again = await pull_from(traveller, one.url, await opened_target(tmp_path / "pulled"), TAG)

    pulled = await opened_layout(tmp_path / "pulled")
    assert is_whole(one)
    assert (tmp_path / "pulled" / blob_name(digest_of(LARGE))).read_bytes() == LARGE
    assert (await pulled.manifest(TAG)).payload == IMAGE.payload
    assert report.blobs == {Outcome.COPIED: 3}
    assert again.blobs == {Outcome.THERE: 3}


async def test_large_blobs_go_in_chunks_and_small_ones_at_once(
    one: Served, traveller: Traveller, tmp_path: Path
) -> None:
    """A chunk is what can be gone on from."""
    await push_to(traveller, await layout(tmp_path), one.url, TAG)

    assert one.registry.methods("uploads/u").count("PATCH") == 1
    assert one.registry.methods("uploads/u").count("PUT") == 3


async def test_a_registry_without_chunks_gets_blobs_whole(one: Served, traveller: Traveller, tmp_path: Path) -> None:
    """After it refused the first one."""
    one.habits.takes_chunks = False

    await push_to(traveller, await layout(tmp_path), one.url, TAG)

    assert is_whole(one)
    assert one.registry.methods("uploads/u").count("PATCH") == 1


async def test_chunks_that_are_too_large_become_smaller(one: Served, traveller: Traveller, tmp_path: Path) -> None:
    """Until they are taken, or are as small as is sensible."""
    one.habits.largest_chunk = 5 * 1024 * 1024

    await push_to(traveller, await layout(tmp_path), one.url, TAG)

    assert is_whole(one)


async def test_an_upload_that_is_forgotten_is_begun_anew(one: Served, traveller: Traveller, tmp_path: Path) -> None:
    """Registries drop uploads when they start again."""
    one.habits.forgets_uploads = 3

    await push_to(traveller, await layout(tmp_path), one.url, TAG)

    assert is_whole(one)


async def test_wrong_content_is_not_kept(one: Served, traveller: Traveller, tmp_path: Path) -> None:
    """Its digest is looked at while it comes in."""
    holding(one).registry.blobs["team/app", digest_of(SMALL)] = b"a small liar!"

    with pytest.raises(ContentWrong):
        await pull_from(traveller, one.url, await opened_target(tmp_path / "pulled"), TAG)

    names = [path.name for path in (tmp_path / "pulled" / "blobs" / "sha256").iterdir()]
    assert not any(name.startswith(digest_of(SMALL)[7:]) for name in names)
    assert not (tmp_path / "pulled" / "index.json").exists()


async def test_wrong_content_reaches_no_other_registry(one: Served, other: Served, traveller: Traveller) -> None:
    """The last of it is not sent."""
    holding(one).registry.blobs["team/app", digest_of(LARGE)] = b"\0" + LARGE[1:]

    with pytest.raises(ContentWrong):
        await between(traveller, one, other)

    assert ("team/app", digest_of(LARGE)) not in other.registry.blobs
    assert not other.registry.manifests


async def test_content_that_is_too_long_is_not_kept(one: Served, traveller: Traveller, tmp_path: Path) -> None:
    """Its size is looked at too."""
    holding(one).registry.blobs["team/app", digest_of(SMALL)] = SMALL + b"more"

    with pytest.raises(ContentWrong, match="longer"):
        await pull_from(traveller, one.url, await opened_target(tmp_path / "pulled"), TAG)


async def test_a_manifest_that_is_another_is_refused(one: Served, traveller: Traveller, tmp_path: Path) -> None:
    """It is asked for by its digest."""
    holding(one).registry.manifests["team/app", IMAGE.digest] = IMAGE.media_type, an_image(SMALL).payload

    with pytest.raises(ContentWrong):
        await pull_from(traveller, one.url, await opened_target(tmp_path / "pulled"), IMAGE.digest)


@pytest.mark.parametrize("hands_out_parts", [True, False])
async def test_a_body_that_ends_early_is_read_on(
    one: Served, traveller: Traveller, tmp_path: Path, *, hands_out_parts: bool
) -> None:
    """From where it ended; where no parts are handed out, from the beginning."""
    holding(one).habits.short_by = 7
    one.habits.hands_out_parts = hands_out_parts

    await pull_from(traveller, one.url, await opened_target(tmp_path / "pulled"), TAG)

    parts = [each.headers.get("range", "") for each in one.registry.asked if digest_of(LARGE) in each.path]
    assert parts == ["", f"bytes={len(LARGE) - 7}-{len(LARGE) - 1}"]
    assert (tmp_path / "pulled" / blob_name(digest_of(LARGE))).read_bytes() == LARGE


async def test_a_busy_registry_is_given_the_time_it_wants(one: Served, traveller: Traveller, tmp_path: Path) -> None:
    """As its Retry-After says."""
    holding(one).habits.busy = 1
    one.habits.busy_seconds = 7

    await pull_from(traveller, one.url, await opened_target(tmp_path / "pulled"), TAG)

    assert traveller.pauses.seconds == [7.0]


async def test_a_registry_that_stays_busy_is_given_up(one: Served, traveller: Traveller, tmp_path: Path) -> None:
    """With what it said."""
    one.habits.busy = 1_000

    with pytest.raises(RegistryRefused, match="429"):
        await pull_from(traveller, one.url, await opened_target(tmp_path / "pulled"), TAG)


async def test_a_registry_that_is_nowhere_is_given_up_soon(traveller: Traveller, tmp_path: Path) -> None:
    """One that never answered is likelier a wrong name than a break."""
    with pytest.raises(Unreachable):
        await pull_from(traveller, "http://127.0.0.1:9", await opened_target(tmp_path / "pulled"), TAG)

    assert len(traveller.pauses.seconds) == 1


async def test_blobs_elsewhere_are_fetched_there_and_no_login_goes_with_it(
    one: Served, other: Served, tmp_path: Path
) -> None:
    """Storage with signed addresses is another host."""
    holding(one).habits.token_uses = 100
    holding(other)
    one.habits.blobs_are_at = other.url
    traveller = Traveller()

    await pull_from(traveller, one.url, await opened_target(tmp_path / "pulled"), TAG)

    assert other.registry.methods("blobs/") == ["GET"] * 3
    assert not any("authorization" in each.headers for each in other.registry.asked)
    assert all("authorization" in each.headers for each in one.registry.asked if "/blobs/" in each.path)


async def test_guarded_no_address_of_ours_is_asked(one: Served, traveller: Traveller) -> None:
    """Whatever users of a server name is looked at."""
    async with traveller.registries(is_guarded=True) as registries:
        repository = await traveller.repository(registries, one.url.replace("http:", "https:"))
        with pytest.raises(AddressForbidden):
            await repository.session.ask("GET", repository.session.url("/v2/"), ())

    assert one.registry.asked == []


async def test_tokens_that_end_midway_are_fetched_anew(
    one: Served, other: Served, traveller: Traveller, tmp_path: Path
) -> None:
    """At either side, in the middle of an upload too."""
    holding(one).habits.token_uses = 3
    other.habits.token_uses = 3

    await between(traveller, one, other)

    assert is_whole(other)
    assert len(other.registry.tokens) > 3


async def test_a_login_is_shown_to_the_token_service(one: Served, tmp_path: Path) -> None:
    """And not to the registry, which takes its tokens."""
    login = Login("alice", "secret")
    holding(one).habits.token_uses = 100
    one.habits.login = login.basic
    traveller = Traveller(logins={one.url.removeprefix("http://"): login})

    await pull_from(traveller, one.url, await opened_target(tmp_path / "pulled"), TAG)

    assert {each.path for each in one.registry.asked if each.headers.get("authorization") == login.basic} == {"/token"}
    assert "scope=repository%3Ateam%2Fapp%3Apull" in one.registry.asked[1].query


async def test_without_the_right_login_it_says_what_to_do(one: Served, traveller: Traveller, tmp_path: Path) -> None:
    """How to log in."""
    holding(one).habits.token_uses = 100
    one.habits.login = "Basic somebody"

    with pytest.raises(LoginRefused) as refused:
        await pull_from(traveller, one.url, await opened_target(tmp_path / "pulled"), TAG)

    assert "entrepot login" in refused.value.hint


async def test_within_a_registry_blobs_are_mounted(one: Served, traveller: Traveller) -> None:
    """Nothing goes over the wire."""
    holding(one)
    async with traveller.registries() as registries:
        source = RegistrySource(await traveller.repository(registries, one.url, writes=False))
        target = RegistryTarget(await traveller.repository(registries, one.url, "prod/app"), traveller.notes)
        report = await copy_all(source, target, traveller.flow(), TAG)

    assert report.blobs == {Outcome.MOUNTED: 3}
    assert one.registry.manifests["prod/app", TAG][1] == IMAGE.payload
    assert "PATCH" not in one.registry.methods("uploads")


def a_signature(of: BuiltManifest, text: bytes = b"{}") -> BuiltManifest:
    """Build something that refers to a manifest."""
    return an_image(SMALL, config=text, subject=of.descriptor(), artifactType="application/vnd.example.sig")


@pytest.mark.parametrize("from_lists", [True, False])
@pytest.mark.parametrize("to_lists", [True, False])
async def test_what_refers_to_it_is_copied_too(
    one: Served, other: Served, traveller: Traveller, *, from_lists: bool, to_lists: bool
) -> None:
    """And what refers to that, and tags of cosign, whether the registries list referrers or not."""
    signature = a_signature(IMAGE)
    of_signature = a_signature(signature)
    holding(one)
    for built in (signature, of_signature):
        one.registry.has("team/app", built)
    one.registry.has("team/app", an_image(SMALL), f"{referrers_tag(IMAGE.digest)}.att")
    if not from_lists:
        for subject, built in ((IMAGE, signature), (signature, of_signature)):
            one.registry.has("team/app", an_index(built.descriptor()), referrers_tag(subject.digest))
    one.habits.lists_referrers, other.habits.lists_referrers = from_lists, to_lists

    await between(traveller, one, other)

    found = {reference for _, reference in other.registry.manifests}
    assert {signature.digest, of_signature.digest, f"{referrers_tag(IMAGE.digest)}.att"} <= found
    assert (referrers_tag(IMAGE.digest) in found) is not to_lists


JSON = {"content-type": "application/json"}


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ((400, JSON, b"{}"), "400"),
        ((404, JSON, b"{}"), "404"),
        ((200, JSON, b'{"manifests": 5}'), "cannot be read"),
        ((200, {**JSON, "link": "</v2/team/app/referrers/sha256:0?again=>; rel=next"}, b"{}"), "cannot be read"),
    ],
)
async def test_referrers_that_cannot_be_read_are_not_none(
    one: Served, other: Served, traveller: Traveller, answer: tuple[int, dict[str, str], bytes], told: str
) -> None:
    """A registry that has listed some lists them: a signature is not left behind without a word."""
    signature = a_signature(IMAGE)
    holding(one)
    one.registry.has("team/app", signature)
    one.habits.referrers[signature.digest] = answer

    with pytest.raises(CopyingFailed, match=told):
        await between(traveller, one, other)


async def test_a_page_for_people_is_no_list(one: Served, other: Served, traveller: Traveller) -> None:
    """Some servers have one in every place; then what refers to it is where older clients leave it."""
    signature = a_signature(IMAGE)
    holding(one)
    one.registry.has("team/app", signature)
    one.registry.has("team/app", an_index(signature.descriptor()), referrers_tag(IMAGE.digest))
    for each in (IMAGE, signature):
        one.habits.referrers[each.digest] = 200, {"content-type": "text/html"}, b"<html>"

    await between(traveller, one, other)

    assert signature.digest in {reference for _, reference in other.registry.manifests}


async def test_a_list_of_tags_that_is_too_long_stops_no_copy(
    one: Served, other: Served, traveller: Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is only looked at for tags of cosign, which are asked for one by one then; and it is asked for once."""
    monkeypatch.setattr(repository, "MAX_PAGE_BYTES", 5)
    holding(one)
    one.registry.has("team/app", an_image(SMALL), f"{referrers_tag(IMAGE.digest)}.sig")

    await between(traveller, one, other)

    assert f"{referrers_tag(IMAGE.digest)}.sig" in {reference for _, reference in other.registry.manifests}
    assert len([noted for noted in one.registry.asked if noted.path.endswith("/tags/list")]) == 1


async def test_tags_are_listed_page_after_page(one: Served, traveller: Traveller) -> None:
    """However few are on each."""
    for number in range(7):
        one.registry.has("team/app", IMAGE, f"v{number}")
    async with traveller.registries() as registries:
        tags = await (await traveller.repository(registries, one.url)).tags()

    assert tags == [f"v{number}" for number in range(7)]


async def test_what_is_not_there_is_said_so(one: Served, traveller: Traveller, tmp_path: Path) -> None:
    """In the words of whoever asked."""
    with pytest.raises(ContentMissing, match=r"team/app:1\.0"):
        await pull_from(traveller, one.url, await opened_target(tmp_path / "pulled"), TAG)


async def test_a_registry_that_loses_every_upload_is_given_up(
    one: Served, traveller: Traveller, tmp_path: Path
) -> None:
    """There is an end to beginning anew."""
    one.habits.forgets_uploads = 10_000

    with pytest.raises(CopyingFailed, match="again and again"):
        await push_to(traveller, await layout(tmp_path), one.url, TAG)
