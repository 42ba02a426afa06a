# SPDX-License-Identifier: Apache-2.0
"""Every statement of quotas, by what it is about."""
