# SPDX-License-Identifier: Apache-2.0
"""Rules in order, of the registry and of each project: kept by the database, and in the memory of every process."""
