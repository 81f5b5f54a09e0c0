"""Templates that are shipped with a package, filled in the same way wherever people read."""

from __future__ import annotations

from contextlib import suppress

import jinja2
from jinja2 import Environment, FileSystemBytecodeCache, PackageLoader, StrictUndefined
from jinja2.bccache import Bucket


class Compiled(FileSystemBytecodeCache):
    """Templates once compiled, kept in the user's own part of the temporary folder.

    Where nothing can be kept, a template is compiled by each process that needs it.
    """

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep a template, where that can be done."""
        with suppress(OSError):
            super().dump_bytecode(bucket)


def templates(package: str, folder: str) -> Environment:
    """Return a package's templates: each name in them must be known, every value is escaped."""
    return Environment(
        loader=PackageLoader(package, folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        bytecode_cache=_compiled(),
    )


def _compiled() -> Compiled | None:
    # another version may compile otherwise, and Jinja does not look for that
    try:
        return Compiled(pattern=f"rotations-{jinja2.__version__}-%s.cache")
    except (OSError, RuntimeError):  # no temporary folder, or none that is the user's own
        return None
