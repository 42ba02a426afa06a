# SPDX-License-Identifier: Apache-2.0
"""HTTP without a framework for the hot path: requests, responses, ranges, challenges, problems."""
