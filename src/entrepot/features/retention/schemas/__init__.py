# SPDX-License-Identifier: Apache-2.0
"""Retention as the management API shows it, one file for each noun."""
