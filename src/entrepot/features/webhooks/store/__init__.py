# SPDX-License-Identifier: Apache-2.0
"""Every statement of webhooks, by what it is about."""
