"""Batches: every locked round is planned, and what needs a person is said.

`asking` asks for the plans that are wanting, as somebody at the interface would, and the workers
make them. `findings` looks at what came of it, round by round. `reports` writes that down for
people, for whoever runs ``rotations batch``; `scheduled` does all by the clock, within a worker.
"""
