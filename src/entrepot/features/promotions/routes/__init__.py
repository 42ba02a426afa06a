# SPDX-License-Identifier: Apache-2.0
"""Promotions in the management API, by noun."""
