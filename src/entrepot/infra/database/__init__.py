# SPDX-License-Identifier: Apache-2.0
"""The database: SQLAlchemy Core over SQLite, with one schema for every engine."""
