# SPDX-License-Identifier: Apache-2.0
"""Modes: letting nothing be deleted, nothing be changed, or nothing be pulled for a while, here or in one project.

The core asks about the mode before it does anything; this feature shows and sets it. See docs/how-to/modes.md.
"""
