# SPDX-License-Identifier: Apache-2.0
"""Entrepot: a container registry management platform."""

__version__ = "0.1.0.dev0"
