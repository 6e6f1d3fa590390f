"""Measures, one per file: arrays in, one float64 per replica out; each with a unit and a source."""
