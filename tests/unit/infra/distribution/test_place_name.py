# SPDX-License-Identifier: Apache-2.0
"""Names of places."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.infra.distribution.errors import PlaceInvalid
from entrepot.infra.distribution.place_name import FilePlace
from entrepot.infra.distribution.place_name import RegistryPlace
from entrepot.infra.distribution.place_name import Transport
from entrepot.infra.distribution.place_name import parse_place
from entrepot.kernel.errors import AppError
from entrepot.oci.digest import Digest
from entrepot.oci.digest import digest_of
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import TagName

DIGEST = digest_of(b"")
APP = RepositoryName("team/app")
V1 = TagName("1.0")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("registry.example/team/app:1.0", RegistryPlace("registry.example", APP, V1)),
        ("docker://registry.example/team/app:1.0", RegistryPlace("registry.example", APP, V1)),
        ("localhost/team/app", RegistryPlace("localhost", APP)),
        ("localhost:5000/team/app:1.0", RegistryPlace("localhost:5000", APP, V1)),
        ("[::1]:5000/team/app:1.0", RegistryPlace("[::1]:5000", APP, V1)),
        ("team/app:1.0", RegistryPlace("", APP, V1)),
        ("alpine", RegistryPlace("", RepositoryName("alpine"))),
        ("docker.io/alpine:1.0", RegistryPlace("docker.io", RepositoryName("library/alpine"), V1)),
        (f"a.example/team/app:1.0@{DIGEST}", RegistryPlace("a.example", APP, V1, DIGEST)),
        ("oci:some/folder", FilePlace(Transport.LAYOUT, "some/folder")),
        ("oci:/a b/c:1.0", FilePlace(Transport.LAYOUT, "/a b/c", tag=V1)),
        (f"oci-archive:a.tar@{DIGEST}", FilePlace(Transport.LAYOUT_ARCHIVE, "a.tar", digest=DIGEST)),
        ("docker-archive:a.tar", FilePlace(Transport.DOCKER_ARCHIVE, "a.tar")),
        ("docker-archive:a.tar:team/app:1.0", FilePlace(Transport.DOCKER_ARCHIVE, "a.tar", "team/app", V1)),
        ("docker-archive:a.tar:app", FilePlace(Transport.DOCKER_ARCHIVE, "a.tar", "app", TagName("latest"))),
    ],
)
def test_places_are_read_as_people_write_them(text: str, place: object) -> None:
    """With the prefixes that they know from other tools."""
    assert parse_place(text) == place


@pytest.mark.parametrize(
    "text",
    ["", "oci:", "oci::1.0", "https://registry.example/team/app", "UPPER/case", "a.example/team/app:", "a..b:x/y",
     "docker-archive:a.tar:app@" + DIGEST, "oci:a:b:c", "oci:a\x1b[0m", "x" * 5_000],
)  # fmt: skip
def test_what_names_no_place_is_refused(text: str) -> None:
    """With an error of ours, whatever it is."""
    with pytest.raises(AppError):
        parse_place(text)


def test_an_address_is_refused_with_a_hint() -> None:
    """It says to leave out the scheme."""
    with pytest.raises(PlaceInvalid) as refused:
        parse_place("https://registry.example/team/app")

    assert "without https://" in refused.value.hint


@given(
    st.sampled_from(["", "a.example", "localhost:5000", "[2001:db8::1]:80"]),
    st.sampled_from(["app", "team/app", "a-b/c_d/e.f"]),
    st.sampled_from([None, "1.0", "latest", "sha256-" + "a" * 64 + ".sig"]),
    st.sampled_from([None, DIGEST]),
)
def test_a_place_in_a_registry_is_written_as_it_is_read(
    host: str, name: str, tag: str | None, digest: Digest | None
) -> None:
    """Writing and reading it changes nothing."""
    place = RegistryPlace(host, RepositoryName(name), None if tag is None else TagName(tag), digest)

    assert parse_place(str(place)) == place


@given(st.text(alphabet="abc:@/.-sha256docker", max_size=60))
def test_whatever_is_read_is_written_so_that_it_means_the_same(text: str) -> None:
    """Or it is refused."""
    try:
        place = parse_place(text)
    except AppError:
        return
    assert parse_place(str(place)) == place
