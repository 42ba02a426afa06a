# SPDX-License-Identifier: Apache-2.0
"""What can be wrong with a template."""

from entrepot.kernel.errors import Conflict
from entrepot.kernel.errors import InvalidRequest
from entrepot.kernel.errors import NotFound


class TemplateInvalid(InvalidRequest):
    """The template is not valid."""

    code = "template_invalid"


class TemplateUnknown(NotFound):
    """There is no such template."""

    code = "template_unknown"
    default_hint = "The list of templates shows those there are."


class TooManyTemplates(Conflict):
    """There are as many templates as there can be."""

    code = "too_many_templates"
    default_hint = "Delete one; a single template may be for many names, as with team-*."
