# SPDX-License-Identifier: Apache-2.0
"""The HTTP/1.1 side of a server process: connections, their limits, and the listeners they come in by."""
