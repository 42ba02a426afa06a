# SPDX-License-Identifier: Apache-2.0
"""Identity, as the application lists it."""

from entrepot.features.identity.settings import IdentitySettings
from entrepot.kernel.feature import Feature

feature: Feature[object] = Feature(name="identity", needs=("groups", "roles"), settings=IdentitySettings)
