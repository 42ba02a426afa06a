# SPDX-License-Identifier: Apache-2.0
"""Bounded exhaustive search for an interleaving of pushes and collection that loses or leaks content."""
