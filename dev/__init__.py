# SPDX-License-Identifier: Apache-2.0
"""Programs for developers: the rules of the house as code, and the generators of committed files."""
