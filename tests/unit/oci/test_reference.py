# SPDX-License-Identifier: Apache-2.0
"""Names of repositories, tags, and the references of manifest URLs."""

import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.oci.digest import digest_of
from entrepot.oci.errors import DigestInvalid
from entrepot.oci.errors import NameInvalid
from entrepot.oci.errors import TagInvalid
from entrepot.oci.reference import MAX_NAME_CHARACTERS
from entrepot.oci.reference import MAX_TAG_CHARACTERS
from entrepot.oci.reference import NAME_GRAMMAR
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import namespace_of
from entrepot.oci.reference import parse_reference
from entrepot.oci.reference import parse_repository_name
from entrepot.oci.reference import parse_tag

ADVERSARIAL_CHARACTERS = 200_000
GENEROUS_SECONDS = 5.0

words = st.text("abcxyz0189", min_size=1, max_size=6)
separators = st.sampled_from([".", "_", "__", "-", "--", "-----", "/"])
names = st.builds(
    lambda first, rest: first + "".join(separator + word for separator, word in rest),
    words,
    st.lists(st.tuples(separators, words), max_size=12),
)
TAG_CHARACTERS = "abcABC019_.-"
tags = st.builds(str.__add__, st.sampled_from("aZ0_"), st.text(TAG_CHARACTERS, max_size=MAX_TAG_CHARACTERS - 1))


@given(names)
def test_names_of_the_grammar_are_accepted_unchanged(name: str) -> None:
    """Words with separators between them, in segments, name a repository."""
    assert parse_repository_name(name) == name


@pytest.mark.parametrize(
    "name",
    [
        "",
        "/",
        "a/",
        "/a",
        "a//b",
        "A",
        "a/B",
        "a.",
        ".a",
        "a..b",
        "a._b",
        "a___b",
        "a_-b",
        "-a",
        "a-",
        "a/-/b",
        "a/../b",
        "a b",
        "a:b",
        "a%2fb",
        "a\n",
        "é",
        "a\N{ARABIC-INDIC DIGIT ONE}",
        "a\0b",
    ],
)
def test_names_outside_the_grammar_are_refused(name: str) -> None:
    """A name with any other character, or a separator out of place, is refused with the rule as hint."""
    with pytest.raises(NameInvalid) as caught:
        parse_repository_name(name)

    assert "lower-case" in caught.value.hint


def test_a_name_may_have_200_characters_and_no_more() -> None:
    """The longest name leaves room for a host within the 255 characters that clients accept."""
    longest = "a" * MAX_NAME_CHARACTERS

    assert parse_repository_name(longest) == longest
    assert len(f"registry.a-department.an-organisation.example:65535/{longest}") <= 255
    with pytest.raises(NameInvalid, match="201 characters"):
        parse_repository_name(longest + "a")


@pytest.mark.parametrize("repeated", ["a", "a-", "a--", "-", "a_", "a__", "a.", "a/", "a-a/", "__"])
def test_matching_takes_time_linear_in_the_name(repeated: str) -> None:
    """A text made to send the grammar back and forth is still decided at once."""
    text = "a" + repeated * (ADVERSARIAL_CHARACTERS // len(repeated)) + "!"
    started = time.perf_counter()

    assert NAME_GRAMMAR.fullmatch(text) is None
    assert time.perf_counter() - started < GENEROUS_SECONDS


@given(tags)
def test_tags_of_the_grammar_are_accepted_unchanged(tag: str) -> None:
    """A letter, digit or underscore and up to 127 letters, digits, underscores, dots and hyphens are a tag."""
    assert parse_tag(tag) == tag


@pytest.mark.parametrize("tag", ["", ".a", "-a", "a/b", "a b", "a:b", "a+b", "a\n", "é", "a" * 129, "a" * 1_000_000])
def test_tags_outside_the_grammar_are_refused_briefly(tag: str) -> None:
    """Anything else is refused, in a message that does not repeat a long input."""
    with pytest.raises(TagInvalid) as caught:
        parse_tag(tag)

    assert len(caught.value.message) < 120


def test_a_reference_with_a_colon_is_a_digest() -> None:
    """Tags have no colon, so a reference with one is read as a digest."""
    digest = digest_of(b"")

    assert parse_reference(digest) == digest
    with pytest.raises(DigestInvalid):
        parse_reference("sha256:latest")


def test_a_reference_without_a_colon_is_a_tag() -> None:
    """The fallback tag of a digest is a tag, however much it looks like a digest."""
    fallback = digest_of(b"").replace(":", "-")

    assert parse_reference(fallback) == fallback
    with pytest.raises(TagInvalid):
        parse_reference("-")


@pytest.mark.parametrize(("name", "namespace"), [("alpine", "alpine"), ("team/app", "team"), ("a-b/c/d", "a-b")])
def test_the_namespace_is_the_first_segment(name: str, namespace: str) -> None:
    """A name of one segment is in the namespace of the same name."""
    assert namespace_of(RepositoryName(name)) == namespace


@given(st.text())
def test_any_text_is_accepted_unchanged_or_refused(text: str) -> None:
    """Parsing never changes what it accepts and raises nothing but its own errors."""
    for parse, refusal in ((parse_repository_name, NameInvalid), (parse_tag, TagInvalid)):
        with suppress(refusal):
            assert parse(text) == text
