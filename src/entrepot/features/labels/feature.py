# SPDX-License-Identifier: Apache-2.0
"""Labels, as the application lists them."""

from entrepot.kernel.feature import Feature

feature: Feature[object] = Feature(name="labels")
