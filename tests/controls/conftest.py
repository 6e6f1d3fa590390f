"""What all controls share: planted VAEs, importable as ``planting``."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
