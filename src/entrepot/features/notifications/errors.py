# SPDX-License-Identifier: Apache-2.0
"""What may be wrong with notifications."""

from entrepot.kernel.errors import Conflict
from entrepot.kernel.errors import Forbidden
from entrepot.kernel.errors import InvalidRequest
from entrepot.kernel.errors import NotFound


class OnlyPeople(Forbidden):
    """Notifications are for people."""

    code = "notifications_only_for_people"
    default_hint = "Other systems hear of things by webhooks: docs/how-to/webhooks.md."


class TimeZoneUnknown(InvalidRequest):
    """There is no such time zone."""

    code = "time_zone_unknown"
    default_hint = "Name one as the tz database does, such as Europe/Berlin, or UTC."


class NotificationKindUnknown(InvalidRequest):
    """There is no such kind of notification."""

    code = "notification_kind_unknown"
    default_hint = "entrepot notifications kinds lists those there are."


class KindEssential(InvalidRequest):
    """What concerns the safety of your account cannot be left out of the list."""

    code = "notification_kind_essential"
    default_hint = "Choose console or both."


class MuteInvalid(InvalidRequest):
    """This cannot be muted."""

    code = "notification_mute_invalid"
    default_hint = "Name a kind, a project or a repository, and a moment that is to come if any."


class TooManyMutes(Conflict):
    """There are as many mutes as there may be."""

    code = "too_many_notification_mutes"
    default_hint = "Remove one, or mute a whole project or kind."


class MuteUnknown(NotFound):
    """There is no such mute."""

    code = "notification_mute_unknown"
    default_hint = "entrepot notifications mutes lists those there are."


class RuleUnknown(NotFound):
    """There is no such rule."""

    code = "notification_rule_unknown"
    default_hint = "entrepot notifications rules lists those there are."


class RuleInvalid(InvalidRequest):
    """The rule is not valid."""

    code = "notification_rule_invalid"
    default_hint = "docs/how-to/notifications.md has what each rule may say."


class RuleChanged(Conflict):
    """Somebody else has changed the rule."""

    code = "notification_rule_changed"
    default_hint = "Read it again, and then change it."


class CodeWrong(InvalidRequest):
    """This is not the code that was sent, or it is no longer good."""

    code = "notification_code_wrong"
    default_hint = "Look at the newest mail; after five wrong codes or half an hour have another one sent."


class TooManyCodes(Conflict):
    """As many codes were sent today as may be."""

    code = "too_many_notification_codes"
    default_hint = "Try again tomorrow."
