# SPDX-License-Identifier: Apache-2.0
"""What can be wrong with a robot."""

from entrepot.kernel.errors import Conflict
from entrepot.kernel.errors import Forbidden
from entrepot.kernel.errors import InvalidRequest
from entrepot.kernel.errors import NotFound


class InvalidRobotName(InvalidRequest):
    """The robot name is not valid."""

    code = "invalid_robot_name"
    default_hint = (
        "Use 1 to 64 of a-z, 0-9, '_' and '-', beginning and ending with a letter or a digit; "
        "a dot stands between the project and this name."
    )


class RobotUnknown(NotFound):
    """There is no such robot."""

    code = "robot_unknown"
    default_hint = "GET /api/v1/robots?project=<project> lists those there are."


class RobotExists(Conflict):
    """There is a robot of this name already."""

    code = "robot_exists"
    default_hint = "Choose another name, or give that robot a new secret: POST /api/v1/robots/<name>:rotate."


class SecretTooLasting(InvalidRequest):
    """No secret of a robot may be good for so long."""

    code = "secret_too_lasting"


class GrantsNeeded(InvalidRequest):
    """What the robot may do is not said, or said twice."""

    code = "grants_needed"
    default_hint = "Give a role on all of its project, or a list of grants; a robot of the registry takes grants."


class AliasNeeded(InvalidRequest):
    """A secret from another registry is found by the name that it was used with there."""

    code = "alias_needed"
    default_hint = "Give that name as the alias of the robot, such as robot$team+ci."


class TooManySecrets(Conflict):
    """Two secrets of the robot are good already."""

    code = "too_many_secrets"
    default_hint = "Revoke one, or rotate: GET /api/v1/robots/<name>/secrets lists them."


class SecretUnknown(NotFound):
    """The robot has no such secret."""

    code = "secret_unknown"
    default_hint = "GET /api/v1/robots/<name>/secrets lists those there are."


class RobotChanged(Conflict):
    """Somebody has changed what the robot may do in the meantime."""

    code = "robot_changed"
    default_hint = "Try again."


class TooManyRobots(Conflict):
    """There can be no more robots."""

    code = "too_many_robots"
    default_hint = "Delete some that are no longer needed: GET /api/v1/robots?project=<project> lists them."


class NotForItself(Forbidden):
    """A robot cannot give itself a secret that never expires."""

    code = "not_for_itself"
    default_hint = "Give expires_in_days, or ask an administrator of its project."


class SecretReplaced(Forbidden):
    """This secret was replaced, and cannot replace the newer one."""

    code = "secret_replaced"
    default_hint = "Log in with the newer secret, or ask an administrator of its project."
