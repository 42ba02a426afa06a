# SPDX-License-Identifier: Apache-2.0
"""What installs Entrepot, held to the tools that will read it; `python -m tests.deploy` runs all of them."""
