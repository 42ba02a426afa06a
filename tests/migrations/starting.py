# SPDX-License-Identifier: Apache-2.0
"""A server that prepares what it is going to serve with, once it is told to: `python -m … <database> <folder>`."""

import sys
from pathlib import Path

from pydantic import SecretStr

from entrepot.entry.configuration import Settings
from entrepot.entry.serve import prepare
from entrepot.infra.database.settings import DatabaseSettings

if __name__ == "__main__":
    place, folder = sys.argv[1:]
    section = DatabaseSettings(url=SecretStr(place)) if "://" in place else DatabaseSettings()
    settings = Settings(data_dir=Path(folder), database=section)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    prepare(settings)
