# SPDX-License-Identifier: Apache-2.0
"""What the management API is asked to do with robots."""

from typing import Annotated
from typing import Literal

from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field
from pydantic import SecretStr
from pydantic import StringConstraints
from pydantic import model_validator

from entrepot.features.grants import Grantee
from entrepot.features.grants import GranteeKind
from entrepot.features.grants import Terms
from entrepot.features.projects import parse_project_name
from entrepot.features.robots.errors import GrantsNeeded
from entrepot.features.robots.models import NewRobot
from entrepot.features.robots.models import RobotChange
from entrepot.features.robots.models import RobotName
from entrepot.features.robots.models import SecretTerms
from entrepot.features.robots.models import WantedGrant
from entrepot.features.robots.models import join_robot_name
from entrepot.features.roles import Role
from entrepot.features.tokens import MAX_ALIAS_CHARACTERS
from entrepot.features.tokens import MAX_DAYS
from entrepot.features.tokens import MAX_NETWORKS
from entrepot.features.tokens import Given
from entrepot.features.tokens import HarborHash
from entrepot.features.tokens import parse_alias
from entrepot.features.tokens import parse_allowed
from entrepot.features.tokens import parse_secret_hash
from entrepot.infra.http.schemas import GivenMoment

MAX_OVERLAP_MINUTES = 7 * 24 * 60
MAX_GRANTS = 50

_OWN_NAME = "Its name in the project, or in the registry: a-z, 0-9, '_' and '-'."
_ROLE = "What it may do in all of the project; from little to much: `view`, `read`, `write`, `maintain`, `admin`."
_ALLOWED = "The addresses and networks that it may log in from, such as `10.0.0.0/8`; none for anywhere."
_ALIAS = "Another name that it logs in with, such as `robot$team+ci`. Takes an administrator of the registry."
_LIFETIME = "For how many days its secret is good; what the registry has as its rule (90, if nothing else) if left out."

NetworkText = Annotated[str, StringConstraints(max_length=64)]
AliasText = Annotated[str, StringConstraints(max_length=MAX_ALIAS_CHARACTERS)]


class ForeignHash(BaseModel):
    """The salted hash of a secret in the registry that it comes from. After its first use it is not kept any more."""

    model_config = ConfigDict(extra="forbid")

    scheme: Literal["harbor"] = Field(description="How it was made: `harbor` is what Harbor has in its table `robot`.")
    salt: SecretStr = Field(max_length=64, description="The column `salt`.")
    hash: SecretStr = Field(max_length=64, description="The column `secret`.")

    @property
    def parsed(self) -> HarborHash:
        """The hash, checked. Raises `InvalidSecretHash`."""
        return HarborHash(self.salt.get_secret_value(), self.hash.get_secret_value())


class SecretRequest(BaseModel):
    """The secret to make."""

    model_config = ConfigDict(extra="forbid")

    expires_in_days: int | None = Field(None, ge=1, le=MAX_DAYS, description=_LIFETIME)
    never_expires: bool = Field(False, description="Make a secret that is good until it is rotated.")
    secret_hash: SecretStr | None = Field(
        None,
        max_length=128,
        description="The hash of a secret that you have made: `sha256:<its id>:<SHA-256 of its text>`, "
        "as `entrepot robot make-secret` prints it. The same one again changes nothing.",
    )
    foreign_hash: ForeignHash | None = Field(
        None, description="The hash of a secret from another registry. Takes an administrator of the registry."
    )

    @model_validator(mode="after")
    def _require_one(self) -> "SecretRequest":
        if self.never_expires and self.expires_in_days is not None:
            raise ValueError("give either expires_in_days or never_expires")
        if self.secret_hash is not None and self.foreign_hash is not None:
            raise ValueError("give either secret_hash or foreign_hash")
        return self

    @property
    def terms(self) -> SecretTerms:
        """What is asked for. Raises `InvalidSecretHash`."""
        return SecretTerms(self.expires_in_days, self.never_expires, self._given())

    def _given(self) -> Given | None:
        if self.foreign_hash is not None:
            return self.foreign_hash.parsed
        return None if self.secret_hash is None else parse_secret_hash(self.secret_hash.get_secret_value())


class RotationRequest(SecretRequest):
    """How to change a robot's secret."""

    overlap_minutes: int = Field(
        0, ge=0, le=MAX_OVERLAP_MINUTES, description="For how long the secret it had goes on being good."
    )


class GrantRequest(BaseModel):
    """A role to give to the robot."""

    model_config = ConfigDict(extra="forbid")

    path_pattern: str = Field(
        max_length=255,
        description="The repositories it is about, such as `team/app` or `team/**`.",
        examples=["team/**"],
    )
    role: str = Field(pattern=r"^[a-z][a-z0-9-]{0,63}$", description="A built-in role or a custom one.")
    tag_pattern: str = Field("", max_length=128, description="For which tags it may tag and delete; empty for all.")
    expires_at: GivenMoment | None = Field(None, description="When it ends by itself; null for never.")

    def to(self, name: RobotName) -> WantedGrant:
        """Return the grant to give to a robot. Raises as `Terms`."""
        grantee = Grantee(GranteeKind.ROBOT, name)
        return WantedGrant(Terms(grantee, self.path_pattern, self.role, self.tag_pattern), self.expires_at)


class RobotRequest(SecretRequest):
    """The robot to create."""

    name: str = Field(description=_OWN_NAME, examples=["ci"])
    project: str | None = Field(
        None, description="The project it belongs to; a robot of the registry if left out.", examples=["team"]
    )
    role: Role | None = Field(None, description=_ROLE)
    grants: list[GrantRequest] | None = Field(
        None, max_length=MAX_GRANTS, description="What it may do, in several projects too, instead of one role."
    )
    allowed_addresses: list[NetworkText] = Field([], max_length=MAX_NETWORKS, description=_ALLOWED)
    alias: AliasText | None = Field(None, description=_ALIAS)

    @property
    def wanted(self) -> NewRobot:
        """What is asked for. Raises what is wrong with it, all of them `InvalidRequest`."""
        project = None if self.project is None else parse_project_name(self.project)
        name = join_robot_name(project, self.name)
        if (self.role is None) is (self.grants is None) or (self.role is not None and project is None):
            raise GrantsNeeded
        listed = [grant.to(name) for grant in self.grants or ()]
        if self.role is not None:
            listed = [WantedGrant(Terms(Grantee(GranteeKind.ROBOT, name), f"{project}/**", self.role))]
        return NewRobot(
            name=name,
            project=project,
            grants=tuple(listed),
            secret=self.terms,
            allowed=parse_allowed(self.allowed_addresses),
            alias=None if self.alias is None else parse_alias(self.alias),
        )


class RobotChangeRequest(BaseModel):
    """What to change of a robot; what is left out stays."""

    model_config = ConfigDict(extra="forbid")

    allowed_addresses: list[NetworkText] | None = Field(None, max_length=MAX_NETWORKS, description=_ALLOWED)
    alias: AliasText | None = Field(None, description=f"{_ALIAS} Null takes it away.")

    @property
    def change(self) -> RobotChange:
        """What is asked for. Raises `InvalidAddresses` and `InvalidAlias`."""
        return RobotChange(
            allowed=None if self.allowed_addresses is None else parse_allowed(self.allowed_addresses),
            alias=None if self.alias is None else parse_alias(self.alias),
            is_alias_removed="alias" in self.model_fields_set and self.alias is None,
        )
