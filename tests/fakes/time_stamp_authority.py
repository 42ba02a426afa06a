# SPDX-License-Identifier: Apache-2.0
"""An authority for time stamps: OpenSSL makes them, with keys that are made for it."""

import subprocess
from pathlib import Path

from tests.fakes.scripted_server import Asked
from tests.fakes.scripted_server import Scripted
from tests.fakes.scripted_server import ScriptedServer

_CONFIGURATION = """
[tsa]
default_tsa = stamping
[stamping]
serial = {folder}/serial
signer_cert = {folder}/signer.pem
signer_key = {folder}/signer.key
certs = {folder}/ca.pem
signer_digest = {digest}
default_policy = 1.3.6.1.4.1.4146.2.3
digests = sha256
ess_cert_id_alg = sha256
[stamps]
basicConstraints = CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = {usage}
"""
_EC = ("ec", "-pkeyopt", "ec_paramgen_curve:P-256")
RSA = ("rsa:2048",)


class TimeStampAuthority:
    """Stamps whatever is asked for, by this machine's clock. `ca_file` is who vouches for it."""

    def __init__(
        self, folder: Path, *, key: tuple[str, ...] = _EC, usage: str = "critical,timeStamping", digest: str = "sha256"
    ) -> None:
        folder.mkdir()
        self._folder = folder
        self.ca_file = folder / "ca.pem"
        (folder / "serial").write_text("01\n")
        (folder / "tsa.cnf").write_text(_CONFIGURATION.format(folder=folder, usage=usage, digest=digest))
        own = ["-nodes", "-newkey", *key, "-keyout"]
        self._openssl("req", "-x509", *own, "ca.key", "-out", "ca.pem", "-subj", "/CN=Authority", "-days", "2")
        self._openssl("req", *own, "signer.key", "-out", "signer.csr", "-subj", "/CN=Stamps")
        signing = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2"]
        extensions = ["-extfile", "tsa.cnf", "-extensions", "stamps"]
        self._openssl("x509", "-req", "-in", "signer.csr", *signing, *extensions, "-out", "signer.pem")

    def stamp(self, query: bytes) -> bytes:
        """Answer a question."""
        (self._folder / "query").write_bytes(query)
        self._openssl("ts", "-reply", "-config", "tsa.cnf", "-queryfile", "query", "-out", "answer")
        return (self._folder / "answer").read_bytes()

    def _openssl(self, *arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=self._folder, check=True, capture_output=True)


class TimeStampServer(ScriptedServer):
    """Has an authority stamp what it is asked for, unless it was told to give another answer."""

    def __init__(self, authority: TimeStampAuthority) -> None:
        super().__init__()
        self._authority = authority
        self.ca_file = authority.ca_file

    def reply(self, asked: Asked) -> Scripted:
        """Give the next answer that it was told to give, or else a time stamp."""
        if self.answers:
            return super().reply(asked)
        return Scripted(200, self._authority.stamp(asked.body), {"Content-Type": "application/timestamp-reply"})
