import pytest
from models.database import Database
from models.migrate import is_current
@pytest.mark.parametrize("n", range(10))
def test_x(database, n):
    assert is_current(database)
