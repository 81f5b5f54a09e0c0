"""HTTP: how a request is read, who asks, how it is answered, and what goes wrong.

Operations themselves stand in `api.routes`.
"""
