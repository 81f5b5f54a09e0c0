"""Making plans and studies, each in a process of its own.

`solver` begins some work, has `process` at it and writes down what comes of it. What runs is
`__main__`, which limits itself and hands over to `child`, and for studies on to `studies`. The
solver's aborts, memory and deafness to signals stay there. The process is given an order with the
round in it and three figures, no environment and no secrets; it ends when its parent does.

A plan of several shares is made by whoever is free: the process that makes it offers them and asks
for one at a time, as do the processes that help (`sharing`); `joining` keeps them in the database.

It reads the order on standard input and answers in lines of JSON, each an object with one key::

    ready      true: from now on SIGTERM means: stop, and keep what there is
    progress   tier, level, value, bound, seconds, position, of; of studies what they count
    incident   tier, level, outcome
    explained  candidate, municipality, content (canonical JSON)
    result     content (rotations/plan@1), hash, status; of studies content, figures
    failure    code, figures
    shares     asked and seconds of each: they may be handed on
    wants      true: a share, if there is one
    outcome    of the share that it was given

It hears, on standard input, in lines of the same kind, of shares and of whom to explain first::

    share      number, asked, seconds
    outcomes   number and outcome of each share that others have worked out
    first      candidates who are to be explained before the others
"""

OUT_OF_MEMORY = 75
"""Exit code of a process that hit its limit: there may be no memory left to say so in words."""
