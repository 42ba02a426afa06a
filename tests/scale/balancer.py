# SPDX-License-Identifier: Apache-2.0
"""HAProxy before several nodes, as docs/how-to/nodes.md has it: in turn, to those that say that they are ready.

What it does on its own account is chosen: a request that reached no node, because the connection was refused, goes to
another one, whatever its method, for nobody has seen it. `GET` and `HEAD` go to another node too when the first one
hung up without a word. Nothing else is sent twice.
"""

import os
import tempfile
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.server import HOST
from tests.server import answers
from tests.server import free_port
from tests.server import launch
from tests.server import stopping
from tests.server import wait_until

HAPROXY = Path("/usr/sbin/haproxy")
PACKAGES = {"haproxy": HAPROXY}

CHECK_SECONDS = 0.5
"""How often each node is asked whether it is ready."""

CONFIGURATION = """
global
    maxconn 8000
defaults
    mode http
    timeout connect 2s
    timeout client 120s
    timeout server 120s
    timeout http-keep-alive 60s
    timeout check 2s
    option forwardfor
    option redispatch 1
    retries 3
    retry-on conn-failure empty-response
frontend clients
    bind {host}:{port}
    http-request disable-l7-retry unless {{ method GET HEAD }}
    http-request set-header X-Forwarded-Proto http
    default_backend nodes
backend nodes
    balance roundrobin
    option httpchk GET /readyz
    default-server check inter {check_ms} fall 1 rise 1
"""


@contextmanager
def balancer(ports: Sequence[int]) -> Iterator[str]:
    """Spread requests over the nodes that listen on these ports until the block ends; yield its address."""
    with tempfile.TemporaryDirectory(prefix="entrepot-haproxy-") as folder:
        port, log, file = free_port(), Path(folder) / "log", Path(folder) / "haproxy.cfg"
        file.write_text(configuration(port, ports))
        process = launch([str(HAPROXY), "-db", "-f", str(file)], log)
        with stopping(process, log):
            url = f"http://{HOST}:{port}"
            wait_until(lambda: answers(f"{url}/readyz"), "HAProxy to find a node", process, log)
            yield url


def configuration(port: int, ports: Sequence[int]) -> str:
    """Return the configuration; a program that root started gives its rights up."""
    text = CONFIGURATION.format(host=HOST, port=port, check_ms=int(CHECK_SECONDS * 1000))
    if os.getuid() == 0:
        text = text.replace("global\n", "global\n    user nobody\n    group nogroup\n")
    return text + "".join(f"    server node{number} {HOST}:{each}\n" for number, each in enumerate(ports))
