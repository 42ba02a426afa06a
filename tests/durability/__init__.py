# SPDX-License-Identifier: Apache-2.0
"""What was acknowledged survives power loss: proved from system calls, and tried by cutting the power.

Two real programs run under strace: storage and database alone, and the whole server
while it is pushed to. `prove` reads a trace and names every acknowledgement that left
before what it promises was on the disk. `power_cut` rebuilds, from the same trace,
what a disk may hold after a power cut at any moment, and real code looks at the result.
"""
