# SPDX-License-Identifier: Apache-2.0
"""Webhooks while the nodes that send them are killed: everything arrives, in order, under ids that stay."""
