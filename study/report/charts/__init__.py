"""Charts of the evidence: one Vega-Lite specification a figure, for files and pages alike.

In: the store. Out: figures, and their SVG. Altair and vl-convert (extra ``report``) are imported only to draw.
"""
