# SPDX-License-Identifier: Apache-2.0
"""Where the browser is, and where what was seen is kept."""

from pathlib import Path

from tests.server import ROOT

CHROMIUM = Path("/usr/bin/chromium")
SCREENSHOTS = ROOT / ".cache" / "e2e"
AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
