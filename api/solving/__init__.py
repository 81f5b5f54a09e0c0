"""Making plans and studies, each in a process of its own.

`solver` begins some work, has `process` at it and writes down what comes of it. What runs is
`__main__`, which limits itself and hands over to `child`, and for studies on to `studies`. The
solver's aborts, memory and deafness to signals stay there. The process is given an order with the
round in it and three figures, no environment and no secrets; it ends when its parent does.

It reads the order on standard input and answers in lines of JSON, each an object with one key::

    ready      true: from now on SIGTERM means: stop, and keep what there is
    progress   tier, level, value, bound, seconds, position, of; of studies what they count
    incident   tier, level, outcome
    explained  candidate, municipality, content (canonical JSON)
    result     content (rotations/plan@1), hash, status; of studies content, figures
    failure    code, figures
"""

OUT_OF_MEMORY = 75
"""Exit code of a process that hit its limit: there may be no memory left to say so in words."""
