"""How blocks of replicas are trained, whichever backend runs the steps."""
