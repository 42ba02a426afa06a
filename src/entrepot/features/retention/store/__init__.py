# SPDX-License-Identifier: Apache-2.0
"""Every SQL statement about retention, one file for each noun."""
