"""Images, one data set per file, and generators whose truth is known.

:func:`load` is pure: equal arguments give equal arrays, whichever place they came from, for every
array is verified by its digest. It is cached per process, and its arrays are read-only.
"""

from study.data.dataset import Dataset
from study.data.loading import availability, load
from study.data.treatment import binarise, pixels

__all__ = ["Dataset", "availability", "binarise", "load", "pixels"]
