# SPDX-License-Identifier: Apache-2.0
"""Secret keys in files: reading them, making them, naming them."""
