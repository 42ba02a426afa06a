# SPDX-License-Identifier: Apache-2.0
"""Stand-ins for the outside world, passed where the real thing would be."""
