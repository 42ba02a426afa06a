# SPDX-License-Identifier: Apache-2.0
"""How Entrepot reports on itself."""
