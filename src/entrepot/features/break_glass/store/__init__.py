# SPDX-License-Identifier: Apache-2.0
"""Every SQL statement about break-glass access, one file for each noun."""
