# SPDX-License-Identifier: Apache-2.0
"""Proving who you are: the token service and the tokens it signs, personal tokens, and the `Authorization` header.

What robots log in with is kept here too; robots themselves are in `robots`. See docs/how-to/tokens.md.
"""

from entrepot.features.tokens.authenticator import HeaderAuthenticator
from entrepot.features.tokens.credentials import CredentialChecks
from entrepot.features.tokens.endpoint import TokenEndpoint
from entrepot.features.tokens.instance_key import InstanceKey
from entrepot.features.tokens.instance_key import load_instance_key
from entrepot.features.tokens.issuing import DEFAULT_DAYS
from entrepot.features.tokens.issuing import MAX_DAYS
from entrepot.features.tokens.issuing import Wanted
from entrepot.features.tokens.issuing import current_secrets
from entrepot.features.tokens.issuing import end_secrets
from entrepot.features.tokens.issuing import issue_secret
from entrepot.features.tokens.issuing import remove_secrets
from entrepot.features.tokens.models import BEARER_MARK
from entrepot.features.tokens.models import CATALOG
from entrepot.features.tokens.models import Credential
from entrepot.features.tokens.models import CredentialState
from entrepot.features.tokens.models import IssuedSecret
from entrepot.features.tokens.models import KeyRecord
from entrepot.features.tokens.refresh import RefreshTokens
from entrepot.features.tokens.secret import SESSION_PREFIX
from entrepot.features.tokens.secret import digest_of_secret
from entrepot.features.tokens.secret import new_secret
from entrepot.features.tokens.secret import read_secret
from entrepot.features.tokens.service import TokenService
from entrepot.features.tokens.signing_keys import SigningKeys
from entrepot.features.tokens.signing_keys import load_signing_keys
from entrepot.features.tokens.signing_keys import rotate_signing_key
from entrepot.features.tokens.store.refresh_tokens import remove_logins

__all__ = [
    "BEARER_MARK",
    "CATALOG",
    "DEFAULT_DAYS",
    "MAX_DAYS",
    "SESSION_PREFIX",
    "Credential",
    "CredentialChecks",
    "CredentialState",
    "HeaderAuthenticator",
    "InstanceKey",
    "IssuedSecret",
    "KeyRecord",
    "RefreshTokens",
    "SigningKeys",
    "TokenEndpoint",
    "TokenService",
    "Wanted",
    "current_secrets",
    "digest_of_secret",
    "end_secrets",
    "issue_secret",
    "load_instance_key",
    "load_signing_keys",
    "new_secret",
    "read_secret",
    "remove_logins",
    "remove_secrets",
    "rotate_signing_key",
]
