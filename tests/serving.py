# SPDX-License-Identifier: Apache-2.0
"""`python -m tests.serving MODULE:FACTORY PORT [WORKERS]`: serves an application as `entrepot serve` does."""

import sys
from functools import partial
from pkgutil import resolve_name

from entrepot.infra.http.serving.limits import ConnectionLimits
from entrepot.infra.http.serving.listeners import addresses
from entrepot.infra.http.serving.listeners import listen
from entrepot.infra.http.serving.server import Serving
from entrepot.infra.http.serving.server import serve_sockets
from entrepot.infra.http.serving.workers import Workers
from tests.server import HOST

STOP_SECONDS = 5


def main() -> None:
    """Serve until told to stop."""
    factory, port, workers = sys.argv[1], int(sys.argv[2]), int([*sys.argv, "1"][3])
    serving = Serving(resolve_name(factory), ConnectionLimits(), STOP_SECONDS)
    listening = listen(addresses(HOST), port, workers)
    work = partial(serve_sockets, serving)
    is_served = work(listening[0]) if workers == 1 else Workers(work, listening).run()
    sys.exit(0 if is_served else 1)


if __name__ == "__main__":
    main()
