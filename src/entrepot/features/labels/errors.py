# SPDX-License-Identifier: Apache-2.0
"""What can be wrong with labels and notes."""

from entrepot.kernel.errors import Conflict
from entrepot.kernel.errors import Forbidden
from entrepot.kernel.errors import InvalidRequest
from entrepot.kernel.errors import NotFound


class LabelInvalid(InvalidRequest):
    """The label is not valid."""

    code = "label_invalid"
    default_hint = (
        "A key is a name of letters, digits, '-', '_' and '.', of at most 63 characters, as 'stage' or with a domain "
        "before it as 'example.com/stage'; a value is likewise, or empty."
    )


class TooManyLabels(Conflict):
    """The artifact has as many labels as there can be."""

    code = "too_many_labels"
    default_hint = "Remove labels that nobody asks for any more."


class NoteInvalid(InvalidRequest):
    """The note is not valid."""

    code = "note_invalid"
    default_hint = "Say it in fewer words, or put the text somewhere and a link to it here."


class NoteUnknown(NotFound):
    """The artifact has no such note."""

    code = "note_unknown"


class TooManyNotes(Conflict):
    """The artifact has as many notes as there can be."""

    code = "too_many_notes"
    default_hint = "Delete notes that are no longer true."


class NoteOfAnother(Forbidden):
    """The note is somebody else's."""

    code = "note_of_another"
    default_hint = "Write a note of your own, or ask an administrator of the project to delete this one."
