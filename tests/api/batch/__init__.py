"""Batches: asked for, found, by the clock, with real workers."""
