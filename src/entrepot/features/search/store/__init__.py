# SPDX-License-Identifier: Apache-2.0
"""Every SQL statement of search: names, the index of artifacts, and saved queries."""
