# SPDX-License-Identifier: Apache-2.0
"""The outbox: facts stored in the transaction that made them true, then told to listeners in commit order."""
