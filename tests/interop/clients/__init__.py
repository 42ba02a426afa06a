# SPDX-License-Identifier: Apache-2.0
"""One module for each client: the commands that it takes against a registry without TLS on this machine."""
