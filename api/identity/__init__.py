"""Who calls: a token names an issuer and a subject, and rows in the database give them rights.

`issuers` reads whom the operator trusts, `publications` and `keys` fetch and keep their public
keys, `local` signs and checks tokens of the service's own, `compact` takes a token apart, `claims`
holds what it says against what its issuer must say, `tokens` puts these together, `principal` adds
the rights. `refusals` says why a token is not believed.
"""
