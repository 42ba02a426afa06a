# SPDX-License-Identifier: Apache-2.0
"""Sending mail: what a message looks like, and the way to the server that takes it."""
