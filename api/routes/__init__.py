"""Thin endpoints by noun: what is asked is checked, the store is asked, an answer is formed."""
