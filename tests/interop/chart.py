# SPDX-License-Identifier: Apache-2.0
"""A packaged chart, as `helm package` makes one."""

import io
import tarfile
from pathlib import Path

NAME = "greeter"
VERSION = "1.2.3"
FILES = {
    "Chart.yaml": f"apiVersion: v2\nname: {NAME}\nversion: {VERSION}\ndescription: Says hello\n",
    "values.yaml": "greeting: hello\n",
    "templates/greeting.yaml": (
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: greeting\ndata:\n  text: {{ .Values.greeting }}\n"
    ),
}


def package_chart(folder: Path) -> Path:
    """Write the chart's archive into `folder` and return where it is."""
    path = folder / f"{NAME}-{VERSION}.tgz"
    with tarfile.open(path, mode="w:gz") as archive:
        for name, text in FILES.items():
            file = tarfile.TarInfo(f"{NAME}/{name}")
            file.size = len(text)
            archive.addfile(file, io.BytesIO(text.encode()))
    return path
