# SPDX-License-Identifier: Apache-2.0
"""Every SQL statement of the audit log, a file for each thing that is stored."""
