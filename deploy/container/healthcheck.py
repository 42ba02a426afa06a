# SPDX-License-Identifier: Apache-2.0
"""Ends with status 0 while the server in this container answers, with 1 when it does not."""

import os
import ssl
import sys
import urllib.request

ADDRESS = f"127.0.0.1:{os.environ['ENTREPOT_SERVER__PORT']}/healthz"
SECONDS = 2


def is_alive(scheme: str) -> bool:
    """Ask this container's own server: through no proxy, whatever certificate it has."""
    unverified = ssl.create_default_context()
    unverified.check_hostname, unverified.verify_mode = False, ssl.CERT_NONE
    ask = urllib.request.build_opener(
        urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=unverified)
    ).open
    try:
        with ask(f"{scheme}://{ADDRESS}", timeout=SECONDS) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


if __name__ == "__main__":
    sys.exit(not (is_alive("http") or is_alive("https")))
