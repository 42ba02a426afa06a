# SPDX-License-Identifier: Apache-2.0
"""Where events are sent that the configuration names: one module for each sort of place."""
