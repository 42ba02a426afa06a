# SPDX-License-Identifier: Apache-2.0
"""Sessions as the management API shows them."""

from typing import Annotated
from typing import Any
from typing import Literal

from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field
from pydantic import SecretStr

from entrepot.features.second_factors import Challenge
from entrepot.features.second_factors import Method
from entrepot.features.second_factors import Proof
from entrepot.features.sessions.models import Limits
from entrepot.features.sessions.models import OpenSession
from entrepot.features.sessions.models import Session
from entrepot.features.sessions.models import SessionState
from entrepot.infra.http.schemas import Moment
from entrepot.infra.http.schemas import Password
from entrepot.kernel.access import SystemAction

_STATE = (
    "`complete`: logged in. `second_factor`: the password was right, and one of `methods` has to follow. "
    "`enrolment`: the password was right, and a second factor has to be set up before anything else."
)
_CODE = "What an app shows, or a recovery code."
_ASSERTION = "What `navigator.credentials.get` returned, as JSON text: `JSON.stringify(credential)`."
_MAX_ASSERTION_CHARACTERS = 64 * 1024


class Provider(BaseModel):
    """A way to log in."""

    name: str = Field(examples=["local"])
    title: str = Field(description="What to call it on a page.", examples=["Name and password"])
    kind: Literal["password"] = Field(description="What it takes: `password` is a name and a password.")


class ProviderList(BaseModel):
    """The ways to log in."""

    items: list[Provider]


class LoginRequest(BaseModel):
    """Who logs in."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(max_length=255, examples=["alice"])]
    password: Password = Field(description="The password; no token takes its place.")


class SecondFactorAnswer(BaseModel):
    """What somebody proves beside the password: a code, or an assertion."""

    model_config = ConfigDict(extra="forbid")

    method: Method
    code: str = Field("", max_length=64, repr=False, description=_CODE, examples=["492039"])
    assertion: str = Field("", max_length=_MAX_ASSERTION_CHARACTERS, repr=False, description=_ASSERTION)

    @property
    def proof(self) -> Proof:
        """The same in the words of second factors."""
        return Proof(self.method, self.code, self.assertion)


class ReauthenticationRequest(BaseModel):
    """A new proof of who is there. An account with a second factor gives that one; the password is not enough then."""

    model_config = ConfigDict(extra="forbid")

    password: Password | None = None
    second_factor: SecondFactorAnswer | None = None

    @property
    def text(self) -> str | None:
        """The password, if one was given."""
        secret: SecretStr | None = self.password
        return None if secret is None else secret.get_secret_value()


class ChallengeView(BaseModel):
    """What a browser is asked to sign with a security key or a passkey."""

    options: dict[str, Any] = Field(
        description="For `navigator.credentials.get`, as `PublicKeyCredential.parseRequestOptionsFromJSON` takes it."
    )

    @classmethod
    def of(cls, challenge: Challenge) -> "ChallengeView":
        """Show a challenge."""
        return cls(options=dict(challenge.options))


class SessionView(BaseModel):
    """The session of the cookie that came with the request."""

    id: str = Field(examples=["01JD2F7ZK3Q8V5T6X9Y0B1C2D4"])
    state: SessionState = Field(description=_STATE)
    user: str = Field(examples=["alice"])
    administrator: bool = Field(description="Whether the user may do everything, everywhere in the registry.")
    may: list[SystemAction] = Field(description="What the user may do to the registry as a whole.")
    csrf_token: str = Field(
        repr=False, description="Send it as `X-CSRF-Token` with every request but GET. It stays the same."
    )
    methods: list[Method] = Field(description="The second factors that can be given now; empty when none is set up.")
    created_at: Moment
    recent_until: Moment = Field(
        description="Until when dangerous acts need no new proof of who you are; "
        "after that they are refused as `reauthentication_needed`."
    )
    idle_until: Moment = Field(description="When the session ends if it is not used until then.")
    expires_at: Moment = Field(description="When it ends however much it is used.")

    @classmethod
    def of(
        cls, found: OpenSession, methods: tuple[Method, ...], limits: Limits, may: list[SystemAction]
    ) -> "SessionView":
        """Show a session to its own browser."""
        session = found.session
        return cls(
            id=session.id,
            state=found.state,
            user=session.user,
            administrator=SystemAction.ADMINISTER in may,
            may=may,
            csrf_token=session.csrf_token,
            methods=list(methods),
            created_at=session.created_at,
            recent_until=limits.recent_until(session),
            idle_until=limits.idle_until(session),
            expires_at=limits.expires_at(session),
        )


class SessionItem(BaseModel):
    """A session in a list."""

    id: str = Field(examples=["01JD2F7ZK3Q8V5T6X9Y0B1C2D4"])
    created_at: Moment
    last_used_at: Moment = Field(description="Exact to a minute.")
    expires_at: Moment
    address: str = Field(description="Where it was logged in from.", examples=["192.0.2.7"])
    agent: str = Field(description="What the browser called itself then.", examples=["Mozilla/5.0 …"])
    current: bool = Field(description="Whether it is the one that asks.")

    @classmethod
    def of(cls, session: Session, current: str, limits: Limits) -> "SessionItem":
        """Show a session; `current` is the credential of who asks."""
        return cls(
            id=session.id,
            created_at=session.created_at,
            last_used_at=session.used_at,
            expires_at=limits.expires_at(session),
            address=session.address,
            agent=session.agent,
            current=session.credential == current,
        )


class SessionList(BaseModel):
    """Sessions, newest first."""

    items: list[SessionItem]
