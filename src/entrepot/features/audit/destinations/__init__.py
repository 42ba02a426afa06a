# SPDX-License-Identifier: Apache-2.0
"""Where records and checkpoints are sent as they are made, a file for each way there."""
