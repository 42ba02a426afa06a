# SPDX-License-Identifier: Apache-2.0
"""Personal tokens as the management API shows them."""

from typing import Annotated

from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field
from pydantic import StringConstraints

from entrepot.features.tokens.addresses import MAX_NETWORKS
from entrepot.features.tokens.issuing import DEFAULT_DAYS
from entrepot.features.tokens.issuing import MAX_DAYS
from entrepot.features.tokens.models import Credential
from entrepot.features.tokens.models import CredentialState
from entrepot.features.tokens.models import IssuedSecret
from entrepot.features.tokens.personal import TokenPage
from entrepot.infra.http.schemas import Moment
from entrepot.kernel.clock import Milliseconds

ALLOWED = "The addresses and networks it is good from, such as `192.0.2.7` or `10.0.0.0/8`; none for anywhere."
USED_AT = "When it was last used, exact to five minutes; null for never."
USED_FROM = "The address that it was last used from."
_NAME = "Its name among the tokens of its user: a-z, 0-9, '.', '_' and '-'."


NetworkText = Annotated[str, StringConstraints(max_length=64)]


class NewToken(BaseModel):
    """The token to create."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(description=_NAME, examples=["laptop"])
    expires_in_days: int = Field(DEFAULT_DAYS, ge=1, le=MAX_DAYS, description="For how long it is good.")
    allowed_addresses: list[NetworkText] = Field([], max_length=MAX_NETWORKS, description=ALLOWED)


class TokenChange(BaseModel):
    """What to change of a token."""

    model_config = ConfigDict(extra="forbid")

    allowed_addresses: list[NetworkText] = Field(max_length=MAX_NETWORKS, description=ALLOWED)


class TokenItem(BaseModel):
    """A personal token, without its secret."""

    id: str = Field(examples=["01JD2F7ZK3Q8V5T6X9Y0B1C2D4"])
    name: str = Field(description=_NAME, examples=["laptop"])
    user: str = Field(description="Whom it logs in as.", examples=["alice"])
    state: CredentialState
    created_at: Moment
    expires_at: Moment | None = Field(description="From when on it is no longer good; null for never.")
    revoked_at: Moment | None = Field(description="When it was revoked; null when it was not.")
    allowed_addresses: list[str] = Field(description=ALLOWED, examples=[["10.0.0.0/8"]])
    last_used_at: Moment | None = Field(description=USED_AT)
    last_used_from: str | None = Field(description=USED_FROM, examples=["192.0.2.7"])

    @classmethod
    def of(cls, token: Credential, now: Milliseconds) -> "TokenItem":
        """Show a token as it stands at `now`."""
        return cls(
            id=token.id,
            name=token.name,
            user=token.principal.partition(":")[2],
            state=token.state(now),
            created_at=token.created_at,
            expires_at=token.expires_at,
            revoked_at=token.revoked_at,
            allowed_addresses=token.allowed.names,
            last_used_at=token.used_at,
            last_used_from=token.used_from,
        )


class TokenList(BaseModel):
    """Tokens, newest first."""

    items: list[TokenItem]

    @classmethod
    def of(cls, page: TokenPage) -> "TokenList":
        """Show a page."""
        return cls(items=[TokenItem.of(token, page.at) for token in page.tokens])


class NewTokenView(TokenItem):
    """A token that was just created, with its secret."""

    secret: str = Field(
        repr=False, description="Use it as the password. It is shown this once.", examples=["ent_01JD2F…"]
    )

    @classmethod
    def just_made(cls, issued: IssuedSecret) -> "NewTokenView":
        """Show a token and its secret."""
        item = TokenItem.of(issued.credential, issued.credential.created_at)
        return cls(**dict(item), secret=issued.secret)
