# SPDX-License-Identifier: Apache-2.0
"""Every target there is."""

from tests.fuzz import application
from tests.fuzz import buckets
from tests.fuzz import connections
from tests.fuzz import console
from tests.fuzz import credentials
from tests.fuzz import documents
from tests.fuzz import keys
from tests.fuzz import names
from tests.fuzz import notifications
from tests.fuzz import outgoing
from tests.fuzz import retention
from tests.fuzz import rights
from tests.fuzz import second_factors
from tests.fuzz import webhooks
from tests.fuzz import wire
from tests.fuzz import wordings
from tests.fuzz.target import Target

TARGETS: tuple[Target, ...] = (
    *names.TARGETS,
    *retention.TARGETS,
    *rights.TARGETS,
    *credentials.TARGETS,
    *wire.TARGETS,
    *documents.TARGETS,
    *connections.TARGETS,
    *application.TARGETS,
    *second_factors.TARGETS,
    *console.TARGETS,
    *outgoing.TARGETS,
    *keys.TARGETS,
    *buckets.TARGETS,
    *notifications.TARGETS,
    *webhooks.TARGETS,
    *wordings.TARGETS,
)
