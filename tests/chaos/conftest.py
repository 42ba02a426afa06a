# SPDX-License-Identifier: Apache-2.0
"""What needs a PostgreSQL server runs where there is one."""

from tests.builders.databases import SERVER

collect_ignore = [] if SERVER else ["test_faults_server_away.py"]
