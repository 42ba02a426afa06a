# SPDX-License-Identifier: Apache-2.0
"""An S3 for tests: `server.S3Server` keeps everything in memory, `proxy.S3Proxy` stands in front of any other.

Both note every operation in `calls` and have the `faults` that they are told to have. They answer from
a thread of their own, so that tests of any kind, and servers in other processes, can speak to them.
"""
