# SPDX-License-Identifier: Apache-2.0
"""Background work as administrators see it: what runs, what failed and why, and what is due when.

The work itself is done in `infra.jobs`. See docs/how-to/jobs.md.
"""
