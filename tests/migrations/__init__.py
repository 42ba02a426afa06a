# SPDX-License-Identifier: Apache-2.0
"""The way from one schema to the next."""
