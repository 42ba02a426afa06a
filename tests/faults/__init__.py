# SPDX-License-Identifier: Apache-2.0
"""What goes wrong below a server: a disk that is full or cannot be written, and a clock that is wrong. Needs root."""
