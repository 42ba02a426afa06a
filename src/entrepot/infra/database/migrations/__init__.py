# SPDX-License-Identifier: Apache-2.0
"""Migrations: the only way the schema changes. `schema` runs them."""
