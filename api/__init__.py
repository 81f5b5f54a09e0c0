"""The door for people and machines: the command line.

`cli` holds the commands, `runs` solves one input or a batch of them, `signals` keeps the best plan
when someone interrupts, `console` draws what people read, `failures` words what went wrong and
gives it its exit code, `settings` is the only reader of the environment.
"""
