"""Files that are written whole or not at all, readable by their owner alone.

New content is written beside its place and moved there when it is complete and on the disk.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryDirectory


def replace_file(path: Path, content: bytes) -> None:
    """Write a file, or leave what was there.

    Raises
    ------
    OSError
        Where the file cannot be written.
    """
    with NamedTemporaryFile(dir=path.parent, prefix=".", delete=False) as file:
        written = Path(file.name)
        try:
            _write(file.fileno(), content)
        except BaseException:
            written.unlink()
            raise
    try:
        written.replace(path)
    except BaseException:
        written.unlink()
        raise


def replace_folder(path: Path, contents: Mapping[str, bytes]) -> None:
    """Write a folder that holds exactly these files, or leave what was there.

    Parameters
    ----------
    path
        The folder; it is made where there is none.
    contents
        Content by file name.

    Raises
    ------
    FileExistsError
        Where the folder holds a file of another name, which would be lost.
    OSError
        Where the folder cannot be written.
    """
    if path.exists() and any(entry.name not in contents for entry in path.iterdir()):
        raise FileExistsError(f"{path} holds other files")
    with TemporaryDirectory(dir=path.parent, prefix=".") as room:
        new, old = Path(room, "new"), Path(room, "old")
        new.mkdir(mode=0o700)
        for name, content in contents.items():
            replace_file(new / name, content)
        if path.exists():
            path.rename(old)
        try:
            new.rename(path)
        except BaseException:
            if old.exists():
                old.rename(path)
            raise


def _write(descriptor: int, content: bytes) -> None:
    with os.fdopen(descriptor, "wb", closefd=False) as file:
        file.write(content)
        file.flush()
        os.fsync(descriptor)
