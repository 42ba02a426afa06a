# SPDX-License-Identifier: Apache-2.0
"""Faults in an order that a seed makes, under clients that push, pull and delete: what may fail then, and what not."""
