"""A municipality's pages: how it stands, its list with ranking and receipt, and its result."""
