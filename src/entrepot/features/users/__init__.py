# SPDX-License-Identifier: Apache-2.0
"""People who may log in, as administrators and they themselves see and change them.

What an account is, and how it proves itself, is in `identity`. See docs/how-to/users.md.
"""
