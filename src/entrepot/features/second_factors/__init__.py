# SPDX-License-Identifier: Apache-2.0
"""What people prove beside their password: codes of an app, security keys and passkeys, and recovery codes.

Sessions of the console ask for it; accounts that have it are no longer known by their password alone (`identity`).
See docs/how-to/second-factors.md.
"""

from entrepot.features.second_factors.enrolment import Enrolment
from entrepot.features.second_factors.errors import SecondFactorWrong
from entrepot.features.second_factors.models import Challenge
from entrepot.features.second_factors.models import Method
from entrepot.features.second_factors.models import Proof
from entrepot.features.second_factors.models import RelyingParty
from entrepot.features.second_factors.parties import relying_party
from entrepot.features.second_factors.requirement import Requirement
from entrepot.features.second_factors.service import SecondFactors
from entrepot.features.second_factors.settings import SecondFactorSettings
from entrepot.features.second_factors.store import APP_SECRETS
from entrepot.features.second_factors.store import keep_recovery_codes

__all__ = [
    "APP_SECRETS",
    "Challenge",
    "Enrolment",
    "Method",
    "Proof",
    "RelyingParty",
    "Requirement",
    "SecondFactorSettings",
    "SecondFactorWrong",
    "SecondFactors",
    "keep_recovery_codes",
    "relying_party",
]
