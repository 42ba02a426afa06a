# SPDX-License-Identifier: Apache-2.0
"""The OCI distribution protocol over ASGI: parse, call the use case, render. See docs/protocol."""
