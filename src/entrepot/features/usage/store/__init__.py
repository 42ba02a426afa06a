# SPDX-License-Identifier: Apache-2.0
"""Every SQL statement about usage, one file for each noun."""
