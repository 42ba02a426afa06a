# SPDX-License-Identifier: Apache-2.0
"""What requests look like, a module for each format. All of it is made of the CloudEvent and of nothing else."""
