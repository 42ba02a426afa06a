# SPDX-License-Identifier: Apache-2.0
"""Every table there is. Importing this completes `infra.database.metadata`."""

import entrepot.features.approvals.tables
import entrepot.features.archive.tables
import entrepot.features.artifacts.tables
import entrepot.features.audit.tables
import entrepot.features.break_glass.tables
import entrepot.features.copies.tables
import entrepot.features.descriptions.tables
import entrepot.features.events.tables
import entrepot.features.groups.tables
import entrepot.features.guardrails.tables
import entrepot.features.identity.tables
import entrepot.features.immutability.tables
import entrepot.features.imports.tables
import entrepot.features.invitations.tables
import entrepot.features.labels.tables
import entrepot.features.notifications.tables
import entrepot.features.projects.tables
import entrepot.features.promotions.tables
import entrepot.features.quotas.tables
import entrepot.features.retention.tables
import entrepot.features.robots.tables
import entrepot.features.roles.tables
import entrepot.features.search.tables
import entrepot.features.second_factors.tables
import entrepot.features.sessions.tables
import entrepot.features.system.tables
import entrepot.features.templates.tables
import entrepot.features.tokens.tables
import entrepot.features.usage.tables
import entrepot.features.webhooks.tables
import entrepot.infra.events.tables
import entrepot.infra.jobs.tables
import entrepot.registry.store.hold_tables
import entrepot.registry.store.rule_book_table
import entrepot.registry.tables  # noqa: F401 - declares its tables
