"""Files that are written whole or not at all, readable by their owner alone.

New content is complete and on the disk beside its place before anything moves.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from errno import EISDIR
from pathlib import Path
from tempfile import mkdtemp
from typing import BinaryIO


def write_file(path: Path, content: bytes) -> None:
    """Write a file, or leave what was there.

    Raises
    ------
    OSError
        Where the file cannot be written.
    """
    with _staging(path.parent) as staging:
        _write({"new": content}, staging)
        (staging / "new").replace(path)


@contextmanager
def writing(path: Path) -> Iterator[BinaryIO]:
    """Give a file to write to, which takes its place when all went well.

    Raises
    ------
    OSError
        Where the file cannot be written.
    """
    with _staging(path.parent) as staging:
        with _made(staging / "new") as file:
            yield file
        (staging / "new").replace(path)


def write_files(folder: Path, contents: Mapping[str, bytes]) -> None:
    """Write files into a folder, all or none.

    Parameters
    ----------
    folder
        Made, with its parents, where it does not exist. Files of the same name are replaced,
        others left alone.
    contents
        Content by file name.

    Raises
    ------
    OSError
        Where the folder cannot be written; it is then as it was before.
    """
    if folder.is_dir():
        _replace(contents, folder)
    else:
        _make(contents, folder)


def _make(contents: Mapping[str, bytes], folder: Path) -> None:
    """Fill a new folder beside its place, then give it its name."""
    missing = [parent for parent in folder.parents if not parent.exists()]
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with _staging(folder.parent) as staging:
            filled = staging / "new"
            filled.mkdir(mode=0o700)
            _write(contents, filled)
            filled.rename(folder)
    except BaseException:
        for parent in missing:
            with suppress(OSError):
                parent.rmdir()
        raise


def _replace(contents: Mapping[str, bytes], folder: Path) -> None:
    """Stage inside the folder, which may be a mount of its own, then exchange file by file."""
    for name in contents:
        if (folder / name).is_dir():
            raise IsADirectoryError(EISDIR, "a folder stands where a file should go", name)
    with _staging(folder) as staging:
        new, old = staging / "new", staging / "old"
        new.mkdir()
        old.mkdir()
        _write(contents, new)
        _exchange(contents, new, old, folder)


def _exchange(names: Iterable[str], new: Path, old: Path, folder: Path) -> None:
    """Move the old files out and the new ones in; on any failure put everything back."""
    kept: list[str] = []
    placed: list[str] = []
    try:
        for name in names:
            if (folder / name).exists():
                (folder / name).rename(old / name)
                kept.append(name)
            (new / name).rename(folder / name)
            placed.append(name)
    except BaseException:
        for name in placed:
            (folder / name).unlink()
        for name in kept:
            (old / name).rename(folder / name)
        raise


@contextmanager
def _staging(parent: Path) -> Iterator[Path]:
    """Give a hidden folder on the same file system, and take it away again."""
    staging = Path(mkdtemp(prefix=".rotations-", dir=parent))
    try:
        yield staging
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _write(contents: Mapping[str, bytes], folder: Path) -> None:
    for name, content in contents.items():
        with _made(folder / name) as file:
            file.write(content)


@contextmanager
def _made(path: Path) -> Iterator[BinaryIO]:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())
