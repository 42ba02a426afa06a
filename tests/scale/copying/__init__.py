# SPDX-License-Identifier: Apache-2.0
"""Copies inside the registry while the nodes that make them are killed: everything comes, and nothing is seen half."""
