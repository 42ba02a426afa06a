# SPDX-License-Identifier: Apache-2.0
"""Retention in the management API, one file for each noun."""
