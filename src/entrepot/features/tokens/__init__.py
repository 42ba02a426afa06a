# SPDX-License-Identifier: Apache-2.0
"""Proving who you are to `/v2`: the token service, the tokens it signs, and the `Authorization` header.

See docs/how-to/tokens.md.
"""

from entrepot.features.tokens.authenticator import HeaderAuthenticator
from entrepot.features.tokens.endpoint import TokenEndpoint
from entrepot.features.tokens.instance_key import InstanceKey
from entrepot.features.tokens.instance_key import load_instance_key
from entrepot.features.tokens.keys import KeyRing
from entrepot.features.tokens.keys import load_key_ring
from entrepot.features.tokens.models import CATALOG
from entrepot.features.tokens.service import TokenService

__all__ = [
    "CATALOG",
    "HeaderAuthenticator",
    "InstanceKey",
    "KeyRing",
    "TokenEndpoint",
    "TokenService",
    "load_instance_key",
    "load_key_ring",
]
