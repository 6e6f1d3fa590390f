"""What the benchmarks share: the two sizes, the machine's ceilings, ours, the peers, and worker processes."""
