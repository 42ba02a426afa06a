# SPDX-License-Identifier: Apache-2.0
"""Durable work in a table: `queue` asks for it, `worker` does it, at least once whatever crashes.

An effect must be idempotent, or be written under `JobContext.guard`."""
