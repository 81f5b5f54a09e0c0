"""The room: the whole way from a round to a verified plan, without input or output.

The way, each name once: `rounds` (what is known, checked) -> `options` (what each candidate could
be given) -> `model` and `priority` (the hard rules as rows) -> `search` (tiers in order, each
proven, then uniqueness) -> `verify` (every rule and tier again, sharing nothing)
-> `planner` (the whole way). What is searched goes through
`exact`: a linear program (`glop`, its bound proven by `duality`), then CP-SAT (`cpsat`); `tight`
joins them. `accounts` says who holds the seats; from a plan lead on: `ceilings` (what any option
can come to at best), `forcing` (what another outcome would cost), `causes` (what kept somebody from
a wish), `changes` and `remedies` (what would have helped), with `contests`, `prospects`, `rivals`
and `afresh` (what the best plan of a changed round grants), `explain` (all of it). `scenarios`
change a round, `comparison` holds two plans together, `price` says what the municipalities' orders
cost. `certificate` is what others need to check a plan. `posts` widen a round, `worth` says what
one more gives, `purchase` which are cheapest, `capacity` both. `demand` draws the years ahead,
`provision` says which posts are enough in them, `rolling` plays them round by round, `forecast` all
of it. What the words mean and when a plan is right stands in docs/model.md and docs/capacity.md.
"""
