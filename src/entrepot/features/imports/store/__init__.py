# SPDX-License-Identifier: Apache-2.0
"""Every SQL statement of imports."""
