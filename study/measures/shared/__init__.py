"""What several measures are computed from, one a file; in memory while a block is measured, never stored."""
