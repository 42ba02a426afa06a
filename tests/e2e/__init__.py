# SPDX-License-Identifier: Apache-2.0
"""Stories of people who use the console, in a real browser against a real server: `make e2e`."""
