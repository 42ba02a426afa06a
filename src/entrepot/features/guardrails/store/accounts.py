# SPDX-License-Identifier: Apache-2.0
"""What guardrails ask about accounts."""

from sqlalchemy import Connection

from entrepot.features.identity import find_user


def has_second_factor(connection: Connection, name: str) -> bool:
    """Tell whether the user of this name has one here, or comes from an identity provider, whose affair it is then."""
    user = find_user(connection, name)
    return user is not None and (user.second_factor_at is not None or user.provider is not None)
