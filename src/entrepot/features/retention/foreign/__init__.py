# SPDX-License-Identifier: Apache-2.0
"""Retention rules of other registries: one file for each of them."""
