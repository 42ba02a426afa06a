# SPDX-License-Identifier: Apache-2.0
"""What needs a PostgreSQL server: the one that `ENTREPOT_TEST_POSTGRESQL` names."""
