# SPDX-License-Identifier: Apache-2.0
"""The peers beside docker-registry: zot, built from its Go module, and nginx as the floor of a download."""

import grp
import json
import os
import pwd
from collections.abc import Iterator
from contextlib import ExitStack
from contextlib import contextmanager
from pathlib import Path

from bench.servers import Server
from bench.servers import docker_registry
from bench.servers import install
from bench.servers import running
from bench.workspace import Workspace
from tests.interop.commands import StepError
from tests.interop.programs import build_go
from tests.interop.tools import GoPin
from tests.server import HOST
from tests.server import free_port

ZOT = "zot"
ZOT_PIN = GoPin(
    module="github.com/project-zot/zot",
    package="cmd/zot",
    version="v1.4.3",
    sum="h1:/6btePyKpR2R1FwGa8WhqtviB10Ox5Yw+rsYVmenhFI=",
    tags="containers_image_openpgp",
)
"""The newest version that the Go module proxy has: it refuses the paths and versions of 2.x. The tag is the one
that the minimal program, without extensions, is built with."""

NGINX = "nginx sendfile"
NGINX_PACKAGE = "nginx"
NGINX_PROGRAM = Path("/usr/sbin/nginx")
NGINX_FILE = """\
daemon off;
user {user} {group};
worker_processes auto;
pid {folder}/pid;
error_log stderr;
events {{}}
http {{
    sendfile on;
    tcp_nopush on;
    access_log off;
    client_body_temp_path {folder}/unused;
    proxy_temp_path {folder}/unused;
    fastcgi_temp_path {folder}/unused;
    uwsgi_temp_path {folder}/unused;
    scgi_temp_path {folder}/unused;
    server {{
        listen {host}:{port};
        root {folder}/files;
    }}
}}
"""


class Peers:
    """The registries that are measured beside ours: docker-registry, and zot where it can be built."""

    def __init__(self, stack: ExitStack, workspace: Workspace) -> None:
        """Start them on empty folders, until `stack` ends."""
        self.servers = [stack.enter_context(docker_registry(workspace.fresh("peer")))]
        self.conditions = {
            ZOT: f"{ZOT_PIN.version} (newer ones are not to be had from the Go module proxy), minimal, no login"
        }
        try:
            program = build_go(ZOT, ZOT_PIN)
        except StepError as error:
            print(f"zot cannot be had here, so this row is measured without it: {error}", flush=True)
            self.conditions[ZOT] = f"not measured: {ZOT_PIN.module} {ZOT_PIN.version} cannot be had here"
        else:
            self.servers.append(stack.enter_context(zot(program, workspace.fresh("zot"))))


@contextmanager
def zot(program: Path, data: Path) -> Iterator[Server]:
    """Serve `data` by zot as its minimal example does, but for address, folder and less in the log."""
    port = free_port()
    configuration = {
        "distSpecVersion": "1.0.1-dev",
        "storage": {"rootDirectory": str(data)},
        "http": {"address": HOST, "port": str(port)},
        "log": {"level": "info"},
    }
    data.mkdir(parents=True)
    file = data.with_suffix(".json")
    file.write_text(json.dumps(configuration))
    with running(ZOT, [str(program), "serve", str(file)], data, port, {}) as server:
        yield server


@contextmanager
def nginx(folder: Path) -> Iterator[Server]:
    """Serve the folder `files` in `folder` by nginx with `sendfile` and nothing else."""
    install(NGINX_PACKAGE, NGINX_PROGRAM)
    port = free_port()
    file = folder.with_suffix(".conf")
    user, group = pwd.getpwuid(os.geteuid()).pw_name, grp.getgrgid(os.getegid()).gr_name
    file.write_text(NGINX_FILE.format(folder=folder, host=HOST, port=port, user=user, group=group))
    command = [str(NGINX_PROGRAM), "-e", "stderr", "-c", str(file)]
    with running(NGINX, command, folder, port, {}) as server:
        yield server
