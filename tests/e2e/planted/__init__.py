# SPDX-License-Identifier: Apache-2.0
"""A feature that only these tests have, on the server and in the console, to see what mounting one takes."""
