# SPDX-License-Identifier: Apache-2.0
"""Certificates of the server: from files, of a local authority, or of an ACME authority; replaced while it serves."""
