"""The door to the database: tables, who may see which rows, and the way in and out.

`database` opens it, `scope` decides which rows a session sees, `tables` says what a row is,
`store` reads and writes rows, `migrations` brings an older database up to date. Nothing here
commits but `Database.writing`.
"""
