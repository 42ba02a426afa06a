# SPDX-License-Identifier: Apache-2.0
"""HAProxy before several nodes, as docs/how-to/nodes.md has it: in turn, to those that say that they are ready.

Where none is, because what they share is away, to those that lack nothing else: they know what they were told before.

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
    timeout check 4s
    option forwardfor
    option redispatch 1
    retries 3
    retry-on conn-failure empty-response
frontend clients
    bind {host}:{port}
    http-request disable-l7-retry unless {{ method GET HEAD }}
    http-request set-header X-Forwarded-Proto http
    use_backend ready if {{ nbsrv(ready) gt 0 }}
    default_backend cut_off
backend ready
    balance roundrobin
    option httpchk GET /readyz
    default-server check inter {check_ms} fall 1 rise 1
{servers}
backend cut_off
    balance roundrobin
    option httpchk GET /readyz?exclude=database&exclude=storage
    default-server check inter {check_ms} fall 1 rise 1
{servers}
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
    servers = "\n".join(f"    server node{number} {HOST}:{each}" for number, each in enumerate(ports))
    text = CONFIGURATION.format(host=HOST, port=port, check_ms=int(CHECK_SECONDS * 1000), servers=servers)
    return text.replace("global\n", "global\n    user nobody\n    group nogroup\n") if os.getuid() == 0 else text
