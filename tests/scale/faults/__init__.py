# SPDX-License-Identifier: Apache-2.0
"""Three nodes behind a load balancer: what they promise together, and what may befall them or what they share."""
