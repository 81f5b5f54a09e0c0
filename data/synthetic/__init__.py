"""Made-up rounds of every size: `rounds` makes them, `applicants` their people."""

from data.synthetic.rounds import PRESETS, generate

__all__ = ["PRESETS", "generate"]
