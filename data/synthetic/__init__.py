"""Made-up rounds of every size: `rounds` makes them, `applicants` their people.

`continents` puts many regions side by side.
"""

from data.synthetic.continents import EUROPE, continent
from data.synthetic.rounds import PRESETS, generate

__all__ = ["EUROPE", "PRESETS", "continent", "generate"]
