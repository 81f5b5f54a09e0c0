"""A round collected from its parties: its document assembled, checked, frozen, and told of.

`assembly` makes the document of what is known now; `moves` takes a round from draft to open to
locked; `lists` takes in what municipalities hand in, and `outlook` says what it could come to;
`figures` says how far a round has come; `arrivals` reads rounds that come as documents.
"""
