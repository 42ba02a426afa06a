# SPDX-License-Identifier: Apache-2.0
"""Every SQL statement of tokens, one module for each table."""
