# SPDX-License-Identifier: Apache-2.0
"""Technical means: storage, database, jobs, events, HTTP. Knows no feature."""
