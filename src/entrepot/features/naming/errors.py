# SPDX-License-Identifier: Apache-2.0
"""What can be wrong with a rule about names."""

from entrepot.kernel.errors import InvalidRequest


class NamingInvalid(InvalidRequest):
    """The rule is not valid."""

    code = "naming_invalid"
