# SPDX-License-Identifier: Apache-2.0
"""What the management API takes and shows of webhooks, by what it is about."""
