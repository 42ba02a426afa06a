# SPDX-License-Identifier: Apache-2.0
"""Proving who you are: the token service and the tokens it signs, personal tokens, and the `Authorization` header.

What robots log in with is kept here too; robots themselves are in `robots`. See docs/how-to/tokens.md.
"""

from entrepot.features.tokens.addresses import ANYWHERE
from entrepot.features.tokens.addresses import MAX_NETWORKS
from entrepot.features.tokens.addresses import AllowedAddresses
from entrepot.features.tokens.addresses import parse_allowed
from entrepot.features.tokens.addresses import stored_allowed
from entrepot.features.tokens.aliases import MAX_ALIAS_CHARACTERS
from entrepot.features.tokens.aliases import Alias
from entrepot.features.tokens.aliases import parse_alias
from entrepot.features.tokens.authenticator import HeaderAuthenticator
from entrepot.features.tokens.credentials import CredentialChecks
from entrepot.features.tokens.endpoint import TokenEndpoint
from entrepot.features.tokens.errors import AliasTaken
from entrepot.features.tokens.given import Given
from entrepot.features.tokens.given import HarborHash
from entrepot.features.tokens.given import MadeSecret
from entrepot.features.tokens.given import SecretHash
from entrepot.features.tokens.given import make_secret
from entrepot.features.tokens.given import parse_secret_hash
from entrepot.features.tokens.instance_key import INSTANCE_KEY_FILE_NAME
from entrepot.features.tokens.instance_key import CannotUnseal
from entrepot.features.tokens.instance_key import InstanceKey
from entrepot.features.tokens.instance_key import load_instance_key
from entrepot.features.tokens.instance_root import WrongInstanceKey
from entrepot.features.tokens.instance_root import has_secrets
from entrepot.features.tokens.instance_root import require_instance_key
from entrepot.features.tokens.instance_root import with_root
from entrepot.features.tokens.issuing import DEFAULT_DAYS
from entrepot.features.tokens.issuing import MAX_DAYS
from entrepot.features.tokens.issuing import Wanted
from entrepot.features.tokens.issuing import current_secrets
from entrepot.features.tokens.issuing import given_before
from entrepot.features.tokens.issuing import issue_secret
from entrepot.features.tokens.issuing import keep_secret
from entrepot.features.tokens.issuing import live_secrets
from entrepot.features.tokens.issuing import remove_secrets
from entrepot.features.tokens.issuing import replace_secret
from entrepot.features.tokens.last_uses import LastUses
from entrepot.features.tokens.models import BEARER_MARK
from entrepot.features.tokens.models import CATALOG
from entrepot.features.tokens.models import TOKEN_MARK
from entrepot.features.tokens.models import Credential
from entrepot.features.tokens.models import CredentialState
from entrepot.features.tokens.models import IssuedSecret
from entrepot.features.tokens.models import KeyRecord
from entrepot.features.tokens.named import NamedLogins
from entrepot.features.tokens.refresh import RefreshTokens
from entrepot.features.tokens.resealing import reseal
from entrepot.features.tokens.resealing import uses as sealed_uses
from entrepot.features.tokens.secret import SESSION_PREFIX
from entrepot.features.tokens.secret import digest_of_secret
from entrepot.features.tokens.secret import new_secret
from entrepot.features.tokens.secret import read_secret
from entrepot.features.tokens.service import TokenService
from entrepot.features.tokens.signing_keys import SigningKeys
from entrepot.features.tokens.signing_keys import load_signing_keys
from entrepot.features.tokens.signing_keys import rotate_signing_key
from entrepot.features.tokens.store.aliases import of_principals as aliases_of
from entrepot.features.tokens.store.aliases import put as put_alias
from entrepot.features.tokens.store.aliases import remove as remove_alias
from entrepot.features.tokens.store.credentials import allow as allow_addresses
from entrepot.features.tokens.store.credentials import count_ending
from entrepot.features.tokens.store.credentials import ending as ending_secrets
from entrepot.features.tokens.store.credentials import expiring as expiring_secrets
from entrepot.features.tokens.store.credentials import find as find_secret
from entrepot.features.tokens.store.credentials import last_used
from entrepot.features.tokens.store.credentials import mark_warned
from entrepot.features.tokens.store.credentials import page as page_of_secrets
from entrepot.features.tokens.store.credentials import revoke as revoke_secret
from entrepot.features.tokens.store.refresh_tokens import remove_logins
from entrepot.features.tokens.store.sealed import ROOTS
from entrepot.features.tokens.store.sealed import SIGNING_KEYS
from entrepot.features.tokens.store.sealed import SealedColumn

__all__ = [
    "ANYWHERE",
    "BEARER_MARK",
    "CATALOG",
    "DEFAULT_DAYS",
    "INSTANCE_KEY_FILE_NAME",
    "MAX_ALIAS_CHARACTERS",
    "MAX_DAYS",
    "MAX_NETWORKS",
    "ROOTS",
    "SESSION_PREFIX",
    "SIGNING_KEYS",
    "TOKEN_MARK",
    "Alias",
    "AliasTaken",
    "AllowedAddresses",
    "CannotUnseal",
    "Credential",
    "CredentialChecks",
    "CredentialState",
    "Given",
    "HarborHash",
    "HeaderAuthenticator",
    "InstanceKey",
    "IssuedSecret",
    "KeyRecord",
    "LastUses",
    "MadeSecret",
    "NamedLogins",
    "RefreshTokens",
    "SealedColumn",
    "SecretHash",
    "SigningKeys",
    "TokenEndpoint",
    "TokenService",
    "Wanted",
    "WrongInstanceKey",
    "aliases_of",
    "allow_addresses",
    "count_ending",
    "current_secrets",
    "digest_of_secret",
    "ending_secrets",
    "expiring_secrets",
    "find_secret",
    "given_before",
    "has_secrets",
    "issue_secret",
    "keep_secret",
    "last_used",
    "live_secrets",
    "load_instance_key",
    "load_signing_keys",
    "make_secret",
    "mark_warned",
    "new_secret",
    "page_of_secrets",
    "parse_alias",
    "parse_allowed",
    "parse_secret_hash",
    "put_alias",
    "read_secret",
    "remove_alias",
    "remove_logins",
    "remove_secrets",
    "replace_secret",
    "require_instance_key",
    "reseal",
    "revoke_secret",
    "rotate_signing_key",
    "sealed_uses",
    "stored_allowed",
    "with_root",
]
