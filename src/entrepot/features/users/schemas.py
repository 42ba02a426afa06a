# SPDX-License-Identifier: Apache-2.0
"""Users as the management API shows them."""

from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field

from entrepot.features.identity import User
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
        " A name that was deleted is not given out again.",
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
