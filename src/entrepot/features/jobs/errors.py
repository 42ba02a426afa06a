# SPDX-License-Identifier: Apache-2.0
"""What can be wrong with asking for something about a job."""

from entrepot.kernel.errors import Conflict
from entrepot.kernel.errors import NotFound


class JobUnknown(NotFound):
    """There is no such job."""

    code = "job_unknown"
    default_hint = "Jobs that ended are forgotten after seven days; GET /api/v1/jobs lists those that are known."


class JobFinished(Conflict):
    """The job has ended already."""

    code = "job_finished"


class JobNotRetryable(Conflict):
    """The job cannot be queued again."""

    code = "job_not_retryable"
