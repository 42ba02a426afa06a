# SPDX-License-Identifier: Apache-2.0
"""The slow link in real time: 64 kbit/s, 1.5 s latency, and a standstill of five minutes, under default limits."""
