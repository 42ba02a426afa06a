# SPDX-License-Identifier: Apache-2.0
"""Users as the management API shows them."""

from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field

from entrepot.features.identity import User
from entrepot.features.users.models import Merger
from entrepot.infra.http.schemas import Moment
from entrepot.infra.http.schemas import Password
from entrepot.kernel.access import PrincipalKind

_ADMINISTRATOR = "Whether the user may do everything, everywhere in the registry."
_NEW_PASSWORD = "12 to 1024 characters of any kind, and not the user name."  # noqa: S105 - a description
_MADE_UP = "The password if it was made up here: it is shown this once. Null if you chose it."


class UserView(BaseModel):
    """A user."""

    name: str = Field(examples=["alice"])
    administrator: bool = Field(description=_ADMINISTRATOR)
    disabled: bool = Field(description="Whether the user may do nothing, not even log in.")
    provider: str | None = Field(description="The identity provider that the account is from; null for a local one.")
    second_factor: bool = Field(description="Whether logging in takes more than the password.")
    created_at: Moment
    password_changed_at: Moment

    @classmethod
    def of(cls, user: User, *, is_administrator: bool) -> "UserView":
        """Show a user."""
        return cls(
            name=user.name,
            administrator=is_administrator,
            disabled=user.is_disabled,
            provider=user.provider,
            second_factor=user.second_factor_at is not None,
            created_at=user.created_at,
            password_changed_at=user.password_changed_at,
        )


class UserList(BaseModel):
    """Users, by name."""

    items: list[UserView]


class NewUser(BaseModel):
    """The user to make."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(
        description="1 to 64 of `a-z`, `0-9`, `.`, `_` and `-`, beginning with a letter or a digit, and not `me`."
        " A name that somebody had before is not given out again.",
        examples=["alice"],
    )
    password: Password | None = Field(None, description=f"{_NEW_PASSWORD} Without it, one is made up.")
    administrator: bool = Field(False, description=_ADMINISTRATOR)


class CreatedUser(UserView):
    """A user that was made."""

    password: str | None = Field(description=_MADE_UP)


class UserChange(BaseModel):
    """What to change of a user; what is left out stays as it is."""

    model_config = ConfigDict(extra="forbid")

    administrator: bool | None = Field(None, description=_ADMINISTRATOR)
    disabled: bool | None = Field(None, description="Whether the user may do nothing, not even log in.")


class Renaming(BaseModel):
    """The name that a user is to have."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(
        description="As for a new user. A name that somebody else had is refused; one that the user itself had is not.",
        examples=["ada.lovelace"],
    )


class MergerRequest(BaseModel):
    """With whom a user becomes one."""

    model_config = ConfigDict(extra="forbid")

    into: str = Field(description="The user that stays, with its password and second factors.", examples=["ada"])
    dry_run: bool = Field(False, description="Only tell what would go there.")


class MovingGrantView(BaseModel):
    """A grant that goes to the user that stays."""

    path_pattern: str = Field(examples=["team/**"])
    role: str = Field(examples=["write"])
    tag_pattern: str = Field(description="For which tags; empty for all.", examples=[""])
    expires_at: Moment | None = Field(description="When it ends there; null for never.")
    combined: bool = Field(description="Whether that user has the same already: the one that ends later counts.")


class MovingTokenView(BaseModel):
    """A personal token that goes to the user that stays."""

    name: str = Field(examples=["laptop"])
    new_name: str = Field(description="What it is called there.", examples=["laptop-ada.old"])


class MergerView(BaseModel):
    """What went from one user to another, or would go."""

    source: str = Field(description="The user that is gone.", examples=["ada.old"])
    into: str = Field(description="The user that stays.", examples=["ada"])
    is_done: bool = Field(description="False where this was asked for only.")
    grant_count: int
    grants: list[MovingGrantView] = Field(description="The first 1,000 of them, the oldest first.")
    groups: list[str] = Field(description="Groups that the user that stays comes to be in.")
    groups_left: list[str] = Field(
        description="Groups of an identity provider that the user that stays is not from: nobody goes there."
    )
    tokens: list[MovingTokenView] = Field(description="Personal tokens that were not revoked.")

    @classmethod
    def of(cls, merger: Merger, *, is_done: bool) -> "MergerView":
        """Show what a merger comes to."""
        grants = [
            MovingGrantView(
                path_pattern=grant.path_pattern,
                role=grant.role,
                tag_pattern=grant.tag_pattern,
                expires_at=grant.expires_at,
                combined=grant.is_combined,
            )
            for grant in merger.grants
        ]
        return cls(
            source=merger.source,
            into=merger.into,
            is_done=is_done,
            grant_count=merger.grant_count,
            grants=grants,
            groups=list(merger.groups),
            groups_left=list(merger.groups_left),
            tokens=[MovingTokenView(name=token.name, new_name=token.new_name) for token in merger.tokens],
        )


class PasswordReset(BaseModel):
    """The password to give to a user."""

    model_config = ConfigDict(extra="forbid")

    password: Password | None = Field(None, description=f"{_NEW_PASSWORD} Without it, one is made up.")


class ResetPassword(BaseModel):
    """A password that was reset."""

    password: str | None = Field(description=_MADE_UP)


class OwnPasswordChange(BaseModel):
    """Your password, and the one to have instead."""

    model_config = ConfigDict(extra="forbid")

    current: Password = Field(description="The password that you log in with now.")
    new: Password = Field(description=_NEW_PASSWORD)


class Me(BaseModel):
    """Who you are to the registry."""

    kind: PrincipalKind = Field(examples=["user"])
    name: str = Field(examples=["alice"])
    administrator: bool = Field(description="Whether you may do everything, everywhere in the registry.")
