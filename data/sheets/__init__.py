"""Rounds as a CSV folder or an Excel workbook: one sheet a list, every fault with its cell."""
