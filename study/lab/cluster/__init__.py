"""Train a plan on more than one machine: what a worker does, who the workers are, and the rounds."""
