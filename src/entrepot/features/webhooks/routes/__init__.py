# SPDX-License-Identifier: Apache-2.0
"""The endpoints of webhooks, by what they are about."""
