"""The door for files: rounds in (JSON, CSV folders, workbooks), plans out, made-up rounds.

Also the sentences in which the room's codes reach people, and the shipped sample.
"""
