# SPDX-License-Identifier: Apache-2.0
"""`python -m tests.e2e [pytest arguments...]`: installs the browser and what drives it, then plays the stories.

Screenshots are left in `.cache/e2e`, one for each place that a story looked at.
"""

import shutil
import subprocess
import sys
from pathlib import Path

from tests.e2e.places import CHROMIUM
from tests.e2e.places import SCREENSHOTS
from tests.interop.commands import StepError
from tests.interop.tools import install_packages
from tests.server import ROOT

LOCK = ROOT / "requirements" / "e2e.lock"


def main(arguments: list[str]) -> int:
    """Install what is missing, play the stories, and return the exit status."""
    try:
        install_packages({"chromium": CHROMIUM})
    except StepError as error:
        print(error, file=sys.stderr)
        return 1
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes"]
    if subprocess.run([*pip, "-r", LOCK], check=False).returncode:
        return 1
    shutil.rmtree(SCREENSHOTS, ignore_errors=True)
    SCREENSHOTS.mkdir(parents=True)
    stories = Path(__file__).parent
    return subprocess.run([sys.executable, "-m", "pytest", stories, *arguments], cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
