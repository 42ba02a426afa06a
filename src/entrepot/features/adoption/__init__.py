# SPDX-License-Identifier: Apache-2.0
"""Adoption: taking over what another registry has left in the folder or bucket, where it lies.

What the CNCF distribution keeps there is read, checked and recorded as if it had been pushed; no byte is copied.
See docs/how-to/adoption.md.
"""

from entrepot.features.adoption.models import Problem
from entrepot.features.adoption.models import Progress
from entrepot.features.adoption.models import Report
from entrepot.features.adoption.models import Tell
from entrepot.features.adoption.models import Wanted
from entrepot.features.adoption.run import adopt
from entrepot.features.adoption.run import quiet

__all__ = ["Problem", "Progress", "Report", "Tell", "Wanted", "adopt", "quiet"]
