# SPDX-License-Identifier: Apache-2.0
"""The OCI distribution core: complete with no feature mounted.

`push`, `pull`, `delete`, `uploads`, `referrers` and `repositories` are its use
cases and know no HTTP; `http` speaks the protocol; `store` holds the SQL;
`hooks` is what a feature may plug in. See docs/protocol.
"""
