# SPDX-License-Identifier: Apache-2.0
"""Messages: whatever is in them, they have the headers that we gave them, and no others."""

from email import message_from_bytes
from email import policy

import pytest
from hypothesis import example
from hypothesis import given
from hypothesis import strategies as st

from entrepot.infra.mail.addresses import parse_mail_address
from entrepot.infra.mail.errors import AddressInvalid
from entrepot.infra.mail.message import Letter
from entrepot.infra.mail.message import Paragraph
from entrepot.infra.mail.message import compose
from entrepot.kernel.clock import Milliseconds

NOW = Milliseconds(1_800_000_000_000)
HEADERS = ["From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type"]
TEXTS = st.text() | st.lists(
    st.sampled_from(["\r\n", "\n", "Bcc: eve@example.org", "=?utf-8?q?x?=", "\ud800", "a", "\0", "\u2028"])
).map("".join)


@given(subject=TEXTS, text=TEXTS, name=TEXTS)
@example(subject="", text="", name=f":{'0' * 75}")
@example(subject="", text="", name=f"{'0' * 75}::")
def test_no_text_adds_a_header(subject: str, text: str, name: str) -> None:
    """Subject, sender's name and paragraphs may hold anything; the headers stay those that we set."""
    letter = Letter("01JD2F7ZK3Q8V5T6X9Y0B1C2D4", "ada@example.org", subject, [Paragraph(text)], NOW)

    raw = compose(letter, "registry@registry.example", name).as_bytes()

    read = message_from_bytes(raw, policy=policy.default)
    assert sorted(read.keys()) == sorted(HEADERS)
    assert read["To"] == "ada@example.org"
    assert [each.addr_spec for each in read["From"].addresses] == ["registry@registry.example"]
    assert len(read["Subject"].splitlines()) <= 1


@given(text=TEXTS)
def test_html_has_no_marks_but_ours(text: str) -> None:
    """Whatever a text holds, it is text."""
    letter = Letter("1", "ada@example.org", "x", [Paragraph(f"<img src=x>{text}")], NOW)

    body = compose(letter, "a@example.org").get_body(("html",))

    assert body is not None
    assert "<img" not in body.get_content()


def test_a_retry_is_the_same_message() -> None:
    """Its id and date come from the letter, not from the moment."""
    letter = Letter("1", "ada@example.org", "x", [Paragraph("y")], NOW, "https://registry.example/profile")

    first, again = compose(letter, "a@example.org"), compose(letter, "a@example.org")

    assert [first[name] for name in ("Message-ID", "Date")] == [again[name] for name in ("Message-ID", "Date")]
    assert first["List-Unsubscribe"] == "<https://registry.example/profile>"


@pytest.mark.parametrize("text", ["ada@example.org", "a.b+c@EXAMPLE.org", "o'neil@x-y.example", "a@localhost"])
def test_plain_addresses_are_taken(text: str) -> None:
    """Their domain is in lower case then."""
    assert parse_mail_address(text) == f"{text.split('@', maxsplit=1)[0]}@{text.split('@')[1].lower()}"


NO_ADDRESSES = (
    "",
    "ada",
    "@example.org",
    "ada@",
    "a b@example.org",
    "ada@example.org\n",
    "ada@-x.org",
    "a@b@c",
    ".a@b",
    "ä@b.org",
    "a@b..c",
    '"a"@b.c',
    "a@[127.0.0.1]",
    "a" * 65 + "@b.c",
    "a@" + "b." * 130 + "c",
)


@pytest.mark.parametrize("text", NO_ADDRESSES)
def test_others_are_refused(text: str) -> None:
    """Quotes, comments, literals, spaces and what is too long."""
    with pytest.raises(AddressInvalid):
        parse_mail_address(text)
