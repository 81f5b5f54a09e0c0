"""The door for databases: empty until rounds and plans are stored in one."""
