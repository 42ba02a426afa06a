# SPDX-License-Identifier: Apache-2.0
"""Copying content between registries, OCI layouts and archives, as a client of the distribution API."""
