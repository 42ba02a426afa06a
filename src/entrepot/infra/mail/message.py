# SPDX-License-Identifier: Apache-2.0
"""A message: plain text, the same as simple HTML, and headers that nothing in it can add to."""

import html
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from entrepot.infra.mail.addresses import domain_of
from entrepot.kernel.clock import Milliseconds

MAX_SUBJECT_CHARACTERS = 150
# RFC 5322 section 3.2.3. A name with one is quoted; the standard library loses the quotes where it folds a line.
_SPECIALS = str.maketrans(dict.fromkeys('()<>[]:;@\\,."', " "))
_LINK = '<a href="{0}">{0}</a>'


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A few words, and where they lead."""

    text: str
    link: str = ""
    is_heading: bool = False


@dataclass(frozen=True, slots=True)
class Letter:
    """What is to be said to somebody."""

    id: str
    """The same however often it is sent: `Message-ID` is made from it."""
    to: str
    subject: str
    paragraphs: Sequence[Paragraph]
    written_at: Milliseconds
    settings_link: str = ""
    """Where whoever gets it says what they want to hear of."""


def message_id(letter: Letter, sender: str) -> str:
    """Return what the message is called."""
    return f"<{letter.id}@{domain_of(sender)}>"


def compose(letter: Letter, sender: str, sender_name: str = "") -> EmailMessage:
    """Return the message. Addresses are those of `parse_mail_address`; texts may hold anything."""
    found = EmailMessage(policy=SMTP)
    found["From"] = Address(display_name=one_line(sender_name.translate(_SPECIALS)), addr_spec=sender)
    found["To"] = Address(addr_spec=letter.to)
    found["Subject"] = one_line(letter.subject)[:MAX_SUBJECT_CHARACTERS]
    found["Date"] = format_datetime(_date(letter.written_at))
    found["Message-ID"] = message_id(letter, sender)
    found["Auto-Submitted"] = "auto-generated"
    if letter.settings_link:
        found["List-Unsubscribe"] = f"<{letter.settings_link}>"
    found.set_content(_plain(letter), cte="quoted-printable")
    found.add_alternative(_html(letter), subtype="html", cte="quoted-printable")
    return found


def one_line(text: str) -> str:
    """Return text without what could end a line of headers, or is half a character."""
    shown = "".join(each if each.isprintable() else " " for each in text)
    return " ".join(shown.split())


def _date(moment: Milliseconds) -> datetime:
    return datetime.fromtimestamp(moment // 1000, UTC)


def _plain(letter: Letter) -> str:
    parts = []
    for each in letter.paragraphs:
        text = one_line(each.text)
        parts.append(f"{text}\n{each.link}" if each.link else text)
    return "\n\n".join(parts) + "\n"


def _html(letter: Letter) -> str:
    parts = []
    for each in letter.paragraphs:
        text = html.escape(one_line(each.text))
        link = f"<br>{_LINK.format(html.escape(each.link))}" if each.link else ""
        name = "h3" if each.is_heading else "p"
        parts.append(f"<{name}>{text}{link}</{name}>")
    return f'<!doctype html>\n<html lang="en"><body>\n{chr(10).join(parts)}\n</body></html>\n'
