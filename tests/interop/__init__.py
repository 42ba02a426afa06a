# SPDX-License-Identifier: Apache-2.0
"""Real clients and the OCI conformance suite against a real server: `python -m tests.interop`."""
