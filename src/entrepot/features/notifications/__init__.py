# SPDX-License-Identifier: Apache-2.0
"""What people hear of: in the console and by mail, from what happens and from thresholds that are crossed.

What somebody hears of follows from what they may do, both when it is noted and when it is shown or sent. See
docs/how-to/notifications.md.
"""

from entrepot.features.notifications.settings import NotificationSettings
from entrepot.features.notifications.store.mails import figures as mail_figures

__all__ = ["NotificationSettings", "mail_figures"]
