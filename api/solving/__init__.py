"""Making plans, each in a process of its own.

`solver` begins a plan, has `process` run a search and writes down what comes of it. What runs is
`__main__`, which limits itself and hands over to `child`. The solver's aborts, memory and deafness
to signals stay there. The process is given the round and three figures, no environment and no
secrets; it ends when its parent does.

It reads the document on standard input and answers in lines of JSON, each an object with one key::

    ready     true: from now on SIGTERM means: stop, and keep the best plan
    progress  tier, level, value, bound, seconds, position, of
    incident  tier, level, outcome
    result    content (rotations/plan@1), hash, status
    failure   code, figures
"""

OUT_OF_MEMORY = 75
"""Exit code of a process that hit its limit: there may be no memory left to say so in words."""
