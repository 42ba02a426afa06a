# SPDX-License-Identifier: Apache-2.0
"""Whether somebody does not want to hear of something."""

from collections.abc import Iterable

from entrepot.features.notifications.models import Mute
from entrepot.features.notifications.models import Notice
from entrepot.kernel.clock import Milliseconds


def is_muted(notice: Notice, mutes: Iterable[Mute], now: Milliseconds) -> bool:
    """Tell whether one of the mutes is in force and about it."""
    return any(_is_about(mute, notice) for mute in mutes if mute.until is None or mute.until > now)


def _is_about(mute: Mute, notice: Notice) -> bool:
    return (
        mute.kind in ("", notice.kind)
        and mute.project in ("", notice.project)
        and mute.repository in ("", notice.repository)
    )
