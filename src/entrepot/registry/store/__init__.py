# SPDX-License-Identifier: Apache-2.0
"""Every SQL statement of the core, one file per noun. Functions take a connection first."""
