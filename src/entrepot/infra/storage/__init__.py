# SPDX-License-Identifier: Apache-2.0
"""Where bytes live. `interface` is the contract; `filesystem` and `memory` implement it."""
