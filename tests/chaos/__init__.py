# SPDX-License-Identifier: Apache-2.0
"""Processes are killed while they work; afterwards nothing may be missing, stuck or done twice."""
