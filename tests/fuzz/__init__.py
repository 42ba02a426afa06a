# SPDX-License-Identifier: Apache-2.0
"""Every parser on inputs near to what it takes: it answers in time, with a result that holds or a refusal."""
