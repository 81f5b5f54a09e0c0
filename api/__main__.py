"""The program: ``rotations``, or ``python -m api``."""

from __future__ import annotations

from api import garbage


def main() -> None:
    """Run the command line and end the process."""
    garbage.seldom()
    from api.cli import main as run  # loading it makes no garbage worth seeking either

    run()


if __name__ == "__main__":
    main()
