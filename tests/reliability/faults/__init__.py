"""Faults that are put into runs, and what must hold after them."""
