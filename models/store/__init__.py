"""Rows in and out: questions and changes that more than one caller asks for."""
