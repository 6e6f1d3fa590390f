"""The pages: tables, words and figures.

In: evidence. Out: files for readers. Never imports the lab, models or measures.
"""
