# SPDX-License-Identifier: Apache-2.0
"""What a mail says."""

from collections.abc import Sequence
from dataclasses import dataclass

from entrepot.features.notifications.kinds import sentence_of
from entrepot.features.notifications.leading import LIST
from entrepot.features.notifications.leading import path_of
from entrepot.features.notifications.models import Mail
from entrepot.features.notifications.models import Notification
from entrepot.infra.mail.message import Letter
from entrepot.infra.mail.message import Paragraph
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.clock import rfc3339
from entrepot.kernel.identifiers import new_ulid

SHOWN = 50
"""So many notifications are told in one mail; it says how many more there are."""


@dataclass(frozen=True, slots=True)
class Letters:
    """Writes mails. `console_url` is where the console is, empty where that is not configured."""

    console_url: str

    def about(self, mail: Mail, address: str, told: Sequence[Notification], more: int) -> Letter:
        """Write what a mail says: `told`, and that there are `more`."""
        paragraphs = [self._paragraph(each) for each in told[:SHOWN]]
        hidden = more + max(0, len(told) - SHOWN)
        if hidden:
            paragraphs.append(Paragraph(f"{hidden} more are in the console.", self._url(LIST)))
        if mail.held_back:
            note = f"{mail.held_back} of these were held back, because there were many within an hour."
            paragraphs.append(Paragraph(note))
        return self._letter(mail.id, address, _subject(told), paragraphs, mail.created_at)

    def code(self, address: str, code: str, person: str, now: Milliseconds) -> Letter:
        """Write to an address that somebody says is theirs."""
        words = (
            f"{person} wants notifications of a container registry to be sent here. If that is you, the code is:",
            code,
            "It is good for half an hour. If it is not you, there is nothing to do: nothing else is sent here.",
        )
        subject = "Your code for notifications of the registry"
        return self._letter(new_ulid(), address, subject, [Paragraph(each) for each in words], now)

    def test(self, address: str, person: str, now: Milliseconds) -> Letter:
        """Write a mail that says that it is a test."""
        words = f"{person} asked for this mail, to see whether the registry can send any. It can."
        return self._letter(new_ulid(), address, "A test mail of the registry", [Paragraph(words)], now)

    def _letter(
        self, letter_id: str, address: str, subject: str, paragraphs: Sequence[Paragraph], now: Milliseconds
    ) -> Letter:
        return Letter(letter_id, address, subject, paragraphs, now, self._url(LIST))

    def _paragraph(self, told: Notification) -> Paragraph:
        words = f"{rfc3339(told.last_at)}: {sentence_of(told.kind, told.facts, told.count)}"
        return Paragraph(words, self._url(path_of(told)))

    def _url(self, path: str) -> str:
        return f"{self.console_url}{path}" if self.console_url else ""


def _subject(told: Sequence[Notification]) -> str:
    if len(told) == 1:
        return sentence_of(told[0].kind, told[0].facts, told[0].count)
    return f"{len(told)} notifications of the registry"
