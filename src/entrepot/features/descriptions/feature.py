# SPDX-License-Identifier: Apache-2.0
"""Descriptions, as the application lists them."""

from entrepot.kernel.feature import Feature

feature: Feature[object] = Feature(name="descriptions")
