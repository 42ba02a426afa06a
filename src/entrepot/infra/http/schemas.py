# SPDX-License-Identifier: Apache-2.0
"""Shapes that every part of the management API shares."""

from datetime import UTC
from datetime import datetime
from typing import Annotated
from typing import Any

from pydantic import AfterValidator
from pydantic import AwareDatetime
from pydantic import BaseModel
from pydantic import BeforeValidator
from pydantic import Field
from pydantic import PlainSerializer
from pydantic import SecretStr
from pydantic import TypeAdapter
from pydantic import WithJsonSchema

from entrepot.kernel.clock import SECOND_MS
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.clock import rfc3339

Moment = Annotated[
    Milliseconds,
    PlainSerializer(rfc3339, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2026-01-31T12:00:00.250Z"]}),
]
"""A moment: milliseconds in the program, RFC 3339 in UTC on the wire."""


_LAST_MS = int(datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC).timestamp()) * SECOND_MS
_AWARE: TypeAdapter[datetime] = TypeAdapter(AwareDatetime)


def _milliseconds(value: object) -> int:
    """Read RFC 3339 with an offset from UTC, within the years that can be shown in UTC again."""
    moment = round(_AWARE.validate_python(value).timestamp() * SECOND_MS)
    if not 0 <= moment <= _LAST_MS:
        raise ValueError("it is not between the years 1970 and 9999")
    return moment


GivenMoment = Annotated[Moment, BeforeValidator(_milliseconds)]
"""A moment that a client names."""


def _whole_characters(secret: SecretStr) -> SecretStr:
    """Refuse half a character (a surrogate by itself), which JSON can spell and no hash can take."""
    try:
        secret.get_secret_value().encode()
    except UnicodeEncodeError:
        raise ValueError("it is not Unicode text") from None
    return secret


Password = Annotated[SecretStr, AfterValidator(_whole_characters)]
"""A password, which nothing shows."""


GivenRevision = Annotated[
    int | None,
    Field(
        ge=0,
        lt=2**62,
        description="The revision that it had when you read it; if it has another by now, nothing is changed.",
    ),
]
"""The revision of something that a client read before it changes it."""


class Revised(BaseModel):
    """What is changed as a whole, and by whom it was last."""

    revision: int = Field(description="Changes with every change; 0 where nothing was ever set.")
    changed_at: Moment | None
    changed_by: str | None = Field(examples=["user:admin"])


class Problem(BaseModel):
    """What went wrong (RFC 9457): `code` for programs, `detail` and `hint` for people."""

    type: str = Field(examples=["about:blank"])
    title: str
    status: int
    code: str = Field(examples=["name_unknown"])
    detail: str
    hint: str | None = Field(None, description="The next step to take, if there is one.")
    request_id: str = Field(description="Finds the request in the log.")
    about: Any = Field(None, description="What it is about, for programs; what it holds depends on the code.")
