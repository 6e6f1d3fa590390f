"""What can be measured: our trained blocks, baselines, and anybody else's model."""
