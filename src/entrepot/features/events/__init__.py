# SPDX-License-Identifier: Apache-2.0
"""What happens, told as it happens: a stream of server-sent events for the console, for scripts and for people.

Every event is told only to those who may read the repository at that moment. See
docs/how-to/events.md.
"""
