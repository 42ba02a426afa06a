# SPDX-License-Identifier: Apache-2.0
"""Pushes to a server that is killed again and again, then a check that nothing acknowledged was lost.

Run it with `python -m tests.crash --seconds 60`.
"""
