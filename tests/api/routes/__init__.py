"""Tests of the operations, by noun."""
