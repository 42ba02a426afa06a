# SPDX-License-Identifier: Apache-2.0
"""The description of the management API, as a server that mounts every feature gives it out."""

import json
import tempfile
from pathlib import Path

from entrepot.entry.configuration import Settings
from entrepot.entry.configuration import StorageSettings
from entrepot.entry.opening import open_database
from entrepot.entry.wiring import build_instance
from entrepot.infra.database import schema


def openapi() -> str:
    """Start an empty instance and return its OpenAPI document, as JSON with a line for each thing."""
    with tempfile.TemporaryDirectory(prefix="entrepot-openapi-") as folder:
        settings = Settings(data_dir=Path(folder), storage=StorageSettings(url="memory://"))
        database = open_database(settings)
        schema.upgrade(database)
        database.close()
        instance = build_instance(settings)
        instance.passwords.close()
        instance.core.database.close()
    return json.dumps(instance.api.openapi(), indent=2, ensure_ascii=False) + "\n"
