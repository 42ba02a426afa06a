# SPDX-License-Identifier: Apache-2.0
"""Ways in: the command line, the server, and the wiring that names concrete classes."""
