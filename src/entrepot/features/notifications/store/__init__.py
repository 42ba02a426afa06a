# SPDX-License-Identifier: Apache-2.0
"""Every statement of notifications, by what it is about."""
