# SPDX-License-Identifier: Apache-2.0
"""The rules of the house that no linter knows.

Each rule is a function from the root of a tree to the violations in it, so that
a test can plant one in a temporary tree. `every.RULES` lists them.
"""
