# SPDX-License-Identifier: Apache-2.0
"""Words that every layer uses: errors, clock, identifiers, principals and features. Standard library only."""
