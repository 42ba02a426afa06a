# SPDX-License-Identifier: Apache-2.0
"""What the distribution protocol demands of a registry, asked of this one.

Without settings the tests talk to the core alone: in this process, on memory and
on a file system, and in a server on a socket. With `PROTOCOL_URL=http://[user:password@]host:port` they talk to
whatever listens there. See docs/protocol.
"""
