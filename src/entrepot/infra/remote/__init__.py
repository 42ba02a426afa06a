# SPDX-License-Identifier: Apache-2.0
"""Asking a running server, wherever it is, through its management API: what the command line is a client with."""
