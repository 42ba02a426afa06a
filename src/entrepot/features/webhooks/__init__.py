# SPDX-License-Identifier: Apache-2.0
"""Webhooks: other systems hear about what happens, signed, in order within a repository, and at least once.

What is to be delivered is written down in the transaction that moves the cursor of the outbox; every server process
delivers. See docs/how-to/webhooks.md.
"""

from entrepot.features.webhooks.service import forget_webhooks
from entrepot.features.webhooks.store.tidying import figures as webhook_figures
from entrepot.features.webhooks.store.webhooks import SECRET_HEADERS
from entrepot.features.webhooks.store.webhooks import SIGNING_SECRETS

__all__ = ["SECRET_HEADERS", "SIGNING_SECRETS", "forget_webhooks", "webhook_figures"]
