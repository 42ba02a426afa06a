# SPDX-License-Identifier: Apache-2.0
"""Requests that this server sends to others."""
