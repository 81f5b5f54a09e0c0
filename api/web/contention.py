"""What a database raises while others are at it, as problems that tell nothing about its rows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from sqlalchemy.orm.exc import StaleDataError

from api.web.problems import Problem
from models.database import UnknownRevision


@contextmanager
def translated() -> Iterator[None]:
    """Turn what a database raises into ``stale``, ``conflict``, ``busy`` or ``outdated``."""
    try:
        yield
    except UnknownRevision:
        raise Problem("outdated", headers={"Retry-After": "30"}) from None
    except StaleDataError:
        raise Problem("stale") from None
    except IntegrityError:
        raise Problem("conflict") from None
    except (OperationalError, PoolExhausted):
        raise Problem("busy", headers={"Retry-After": "1"}) from None
    except DBAPIError as error:
        if error.connection_invalidated:
            raise Problem("busy", headers={"Retry-After": "1"}) from None
        raise
