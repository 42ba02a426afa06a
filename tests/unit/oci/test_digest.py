# SPDX-License-Identifier: Apache-2.0
"""Digests and the tags named after them."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.oci.digest import ALGORITHMS
from entrepot.oci.digest import Digest
from entrepot.oci.digest import SubjectTag
from entrepot.oci.digest import algorithm_of
from entrepot.oci.digest import digest_of
from entrepot.oci.digest import encoded_of
from entrepot.oci.digest import parse_digest
from entrepot.oci.digest import referrers_tag
from entrepot.oci.digest import subject_of_fallback_tag
from entrepot.oci.errors import DigestInvalid
from entrepot.oci.reference import parse_tag

HEX = "0123456789abcdef"
HEX_64 = HEX * 4
algorithms = st.sampled_from(sorted(ALGORITHMS))
digests = st.builds(digest_of, st.binary(max_size=64), algorithms)


@given(digests)
def test_what_digest_of_makes_parse_digest_accepts(digest: Digest) -> None:
    """A digest survives parsing unchanged."""
    assert parse_digest(digest) == digest


@given(digests)
def test_a_digest_is_its_algorithm_and_its_encoded_part(digest: Digest) -> None:
    """The two parts joined by a colon are the digest, and the second has the algorithm's length."""
    assert f"{algorithm_of(digest)}:{encoded_of(digest)}" == digest
    assert len(encoded_of(digest)) == ALGORITHMS[algorithm_of(digest)]


def test_the_digest_of_nothing_is_the_published_one() -> None:
    """The SHA-256 of no bytes is the well-known value (FIPS 180-4)."""
    assert digest_of(b"") == "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.mark.parametrize(
    "text",
    [
        "",
        ":",
        "sha256",
        "sha256:",
        f"sha256:{HEX_64[:-1]}",
        f"sha256:{HEX_64}0",
        f"sha256:{HEX_64.upper()}",
        f"SHA256:{HEX_64}",
        f"sha512:{HEX_64}",
        f"sha256:{HEX_64}\n",
        f" sha256:{HEX_64}",
        f"sha256:{HEX_64[:-1]}g",
        f"sha256:{HEX_64[:-1]}\N{FULLWIDTH DIGIT ONE}",
        "sha256:baddigeststring",
        f"sha256::{HEX_64}",
    ],
)
def test_anything_but_the_exact_grammar_is_refused(text: str) -> None:
    """A digest is a supported algorithm, a colon and lower-case hexadecimal of the right length."""
    with pytest.raises(DigestInvalid):
        parse_digest(text)


@pytest.mark.parametrize("algorithm", ["blake3", "md5", "sha1", "sha256+b64u"])
def test_an_unsupported_algorithm_is_refused_with_those_supported(algorithm: str) -> None:
    """Whoever uses another algorithm learns which ones there are."""
    with pytest.raises(DigestInvalid, match="not supported") as caught:
        parse_digest(f"{algorithm}:{HEX_64}")

    assert "sha256 and sha512" in caught.value.hint


def test_hashing_with_an_unsupported_algorithm_is_refused() -> None:
    """`digest_of` makes no digest that `parse_digest` would refuse."""
    with pytest.raises(DigestInvalid, match="not supported"):
        digest_of(b"", "md5")


@pytest.mark.parametrize("text", ["x" * 1_000_000, "x:" * 500_000, f"sha256:{'0' * 1_000_000}"])
def test_a_long_text_is_not_repeated_in_the_message(text: str) -> None:
    """However long the input, the message stays short enough for a header or a log line."""
    with pytest.raises(DigestInvalid) as caught:
        parse_digest(text)

    assert len(caught.value.message) < 300


@given(st.text())
def test_parsing_accepts_or_refuses_and_nothing_else(text: str) -> None:
    """Any text is either returned unchanged or refused as an invalid digest."""
    with suppress(DigestInvalid):
        assert parse_digest(text) == text


@given(digests)
def test_the_referrers_tag_is_a_tag_that_leads_back(digest: Digest) -> None:
    """The fallback tag of a digest is a valid tag, and is recognised as belonging to that digest only."""
    tag = referrers_tag(digest)

    found = subject_of_fallback_tag(parse_tag(tag))
    assert found is not None
    assert found.belongs_to(digest)
    assert not found.belongs_to(digest_of(b"another", algorithm_of(digest)))


def test_the_referrers_tag_of_sha512_is_cut_to_64_characters() -> None:
    """The encoded part of a fallback tag has at most 64 characters (distribution-spec, "Referrers Tag Schema")."""
    assert referrers_tag(Digest(f"sha512:{HEX_64}{HEX_64}")) == f"sha512-{HEX_64}"


def test_a_tag_of_sha256_tells_the_whole_digest() -> None:
    """A sha256 digest fits into a tag."""
    assert subject_of_fallback_tag(f"sha256-{HEX_64}") == SubjectTag("sha256", HEX_64, "")
    assert SubjectTag("sha256", HEX_64, "").digest == f"sha256:{HEX_64}"


def test_a_tag_of_sha512_tells_only_where_the_digest_starts() -> None:
    """Half of a sha512 digest is cut off, so the tag alone does not name it."""
    found = subject_of_fallback_tag(f"sha512-{HEX_64}")

    assert found is not None
    assert found.digest is None
    assert found.belongs_to(Digest(f"sha512:{HEX_64}{'0' * 64}"))


@pytest.mark.parametrize("suffix", ["sig", "att", "sbom", "sig-1.x"])
def test_the_tags_of_cosign_belong_to_their_subject(suffix: str) -> None:
    """What follows the dot is kept as the suffix."""
    assert subject_of_fallback_tag(f"sha256-{HEX_64}.{suffix}") == SubjectTag("sha256", HEX_64, suffix)


@pytest.mark.parametrize(
    "tag",
    [
        "latest",
        "sha256-",
        "sha256-abc",
        f"sha256-{HEX_64}0",
        f"sha256-{HEX_64}.",
        f"sha256-{HEX_64}-sig",
        f"md5-{HEX_64}",
    ],
)
def test_other_tags_belong_to_nothing(tag: str) -> None:
    """A tag that only resembles a digest is an ordinary tag."""
    assert subject_of_fallback_tag(tag) is None
