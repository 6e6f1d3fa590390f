"""What can be measured: our trained blocks, and anybody else's model."""
