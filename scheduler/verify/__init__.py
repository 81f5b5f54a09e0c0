"""The independent verdict: every rule and tier again, from the round and the placements alone.

Nothing here is shared with what it checks: no options, no model, no search, no solver, and months
are added by another library. `admission` reads section 2 of docs/model.md, `hard` section 3,
`values` section 4, `verdict` holds a plan document against all of them.
"""

from scheduler.verify.hard import Broken
from scheduler.verify.verdict import Verdict, verify_document

__all__ = ["Broken", "Verdict", "verify_document"]
