# SPDX-License-Identifier: Apache-2.0
"""Durable background work: a table of jobs that any process may run and no crash can lose.

`queue` is for those who ask for work (enqueue, cancel, inspect, schedules),
`worker` for those who do it. Delivery is at least once: a job whose worker died
runs again, so its effect must be idempotent or written under `JobContext.guard`.
"""
