# SPDX-License-Identifier: Apache-2.0
"""What users see in the menu: one folder each, all of one shape. See ARCHITECTURE.md."""
