# SPDX-License-Identifier: Apache-2.0
"""Collection under fire: pushers, deleters, readers and collectors that crash and are killed, on either database."""
