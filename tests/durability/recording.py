# SPDX-License-Identifier: Apache-2.0
"""Traces written by hand, for testing what reads them."""

from pathlib import Path

ROOT = Path("/srv/data")
UPLOAD = ROOT / "uploads/A1"
OBJECT = ROOT / "objects/A1/A1"
DATABASE = ROOT / "notes.db"
LOG = ROOT / "notes.db-wal"
CREATED = b"HTTP/1.1 201 Created\r\n"


class Recording:
    """Lines as strace writes them. Every method adds one call that begins and ends on its line."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def create(self, path: Path) -> None:
        """Create a file."""
        self.call(f"openat(AT_FDCWD<{_hex(b'/')}>, {_text(path)}, O_RDWR|O_CREAT|O_EXCL, 0600)", f"5<{_hex(path)}>")

    def write(self, path: Path, data: bytes, offset: int = 0) -> None:
        """Write at an offset."""
        self.call(f'pwrite64(5<{_hex(path)}>, "{_hex(data)}", {len(data)}, {offset})', str(len(data)))

    def sync(self, path: Path, result: str = "0") -> None:
        """Sync a file or folder."""
        self.call(f"fsync(6<{_hex(path)}>)", result)

    def rename(self, path: Path, target: Path) -> None:
        """Rename."""
        self.call(f"rename({_text(path)}, {_text(target)})", "0")

    def link(self, path: Path, target: Path) -> None:
        """Give a file a second name."""
        self.call(f"link({_text(path)}, {_text(target)})", "0")

    def make_folder(self, path: Path) -> None:
        """Make a folder."""
        self.call(f"mkdir({_text(path)}, 0700)", "0")

    def unlink(self, path: Path) -> None:
        """Remove a name."""
        self.call(f"unlink({_text(path)})", "0")

    def answer(self, data: bytes = CREATED) -> None:
        """Send something to a client."""
        self.call(f'sendto(9<{_hex(b"socket:[1]")}>, "{_hex(data)}", {len(data)}, 0, NULL, 0)', str(len(data)))

    def call(self, call: str, result: str) -> None:
        """Add a call by its text."""
        self.lines.append(f"100 {call} = {result}\n")

    def push(self) -> None:
        """Add what a correct server does for one pushed object, from the first byte to the answer."""
        self.create(UPLOAD)
        self.write(UPLOAD, b"content")
        self.sync(UPLOAD)
        self.make_folder(OBJECT.parent)
        self.sync(OBJECT.parent.parent)
        self.rename(UPLOAD, OBJECT)
        self.sync(OBJECT.parent)
        self.write(LOG, b"frame", 100)
        self.write(LOG, b"frame", 200)
        self.sync(LOG)
        self.answer()

    def start(self) -> None:
        """Add what a correct server does when it starts."""
        for folder in (ROOT / "uploads", ROOT / "objects"):
            self.make_folder(folder)
            self.sync(ROOT)
        self.create(DATABASE)
        self.create(LOG)
        self.write(LOG, b"header")
        self.sync(LOG)
        self.sync(ROOT)

    def place(self, name: str, path: Path, which: int = -1) -> int:
        """Return the index of the line of a call on a descriptor: the last, unless told otherwise."""
        start = f" {name}(", f"<{_hex(path)}>"
        return [number for number, line in enumerate(self.lines) if all(text in line for text in start)][which]

    def without(self, name: str, path: Path, which: int = -1) -> list[str]:
        """Return the lines but for that call."""
        place = self.place(name, path, which)
        return [*self.lines[:place], *self.lines[place + 1 :]]

    def prolong(self, name: str, path: Path, by: int) -> list[str]:
        """Return the lines with that call made by another thread and ending so many lines later."""
        place = self.place(name, path)
        call, _, result = self.lines[place].rpartition(") = ")
        begin, end = f"200{call[3:]} <unfinished ...>\n", f"200 <... {name} resumed>) = {result}"
        after = place + 1 + by
        return [*self.lines[:place], begin, *self.lines[place + 1 : after], end, *self.lines[after:]]


def _hex(text: bytes | Path) -> str:
    data = text if isinstance(text, bytes) else str(text).encode()
    return "".join(f"\\x{byte:02x}" for byte in data)


def _text(path: Path) -> str:
    return f'"{_hex(path)}"'
