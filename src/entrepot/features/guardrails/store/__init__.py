# SPDX-License-Identifier: Apache-2.0
"""Every SQL statement about guardrails, one file for each noun."""
