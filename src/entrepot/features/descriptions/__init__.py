# SPDX-License-Identifier: Apache-2.0
"""Descriptions: what a project or a repository is, in Markdown, and whom to ask about it.

See docs/how-to/descriptions.md.
"""
