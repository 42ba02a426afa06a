# SPDX-License-Identifier: Apache-2.0
"""Benchmarks: Entrepot beside its peers on one machine, in turns, on the same data. See NOTES.md."""
