# SPDX-License-Identifier: Apache-2.0
"""A folder for `PYTHONPATH`: what is in it sets the clock of a server wrong."""
