# SPDX-License-Identifier: Apache-2.0
"""Checking that database and storage agree, without changing or locking anything, while pushes go on.

The database is read in pages, each a consistent snapshot, so what it contradicts
itself in is reported at once. Storage and database are read one after the other,
and content may come or go in between: what looks wrong there is looked at again
after a moment, and reported only if it still is.
"""

