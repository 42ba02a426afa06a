# SPDX-License-Identifier: Apache-2.0
"""Builders of the things that tests talk about, valid unless a test says otherwise."""
