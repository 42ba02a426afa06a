# SPDX-License-Identifier: Apache-2.0
"""Entrepot on a PostgreSQL server: `make scale`."""
