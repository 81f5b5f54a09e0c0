"""The pages: how they answer, and how they look and work in a browser."""
