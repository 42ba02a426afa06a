# SPDX-License-Identifier: Apache-2.0
"""Adoption, as the application lists it."""

from entrepot.kernel.feature import Feature

feature: Feature[object] = Feature(name="adoption")
