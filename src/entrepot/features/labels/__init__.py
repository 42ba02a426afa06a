# SPDX-License-Identifier: Apache-2.0
"""Labels and notes: what people and robots say of an artifact after it was pushed.

Labels are pairs of a key and a value, by which artifacts are found and kept; notes are short texts. They are apart from
the labels and annotations that an artifact brings along, stay with it in the bin, and go when it is purged. `labels_of`
returns those of many artifacts, `labelled` selects artifacts by them. See docs/how-to/labels.md.
"""

from entrepot.features.labels.models import MAX_LABEL_FILTER_CHARACTERS
from entrepot.features.labels.models import Term
from entrepot.features.labels.models import parse_label_filter
from entrepot.features.labels.store import labelled
from entrepot.features.labels.store import labels_of

__all__ = ["MAX_LABEL_FILTER_CHARACTERS", "Term", "labelled", "labels_of", "parse_label_filter"]
