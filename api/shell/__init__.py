"""What people use at a terminal: commands, what they print, and how they fail."""
