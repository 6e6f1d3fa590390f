"""A process that holds one trainer, ours or a peer's, and trains a round each time a line comes in.

``python -m bench.worker ours|Keras fit SIZE REPLICAS EPOCHS``; it answers ``ready``, then seconds, one line a round.
"""

from __future__ import annotations

import sys
import time


def main() -> None:
    """Build, warm up, then train on request."""
    who, size, replicas, epochs = sys.argv[1:]
    answers, sys.stdout = sys.stdout, sys.stderr  # frameworks print

    from bench import ours, peers, setting

    config = setting.CONFIGS[size].replace(epochs=int(epochs))
    trainer = ours.Ours(config, int(replicas)) if who == "ours" else peers.KerasFit(config, int(epochs))
    trainer.run()
    print("ready", trainer.steps, trainer.models, trainer.threads, file=answers, flush=True)
    for _ in sys.stdin:
        started = time.perf_counter()
        taken = trainer.run()
        print(taken or time.perf_counter() - started, file=answers, flush=True)


if __name__ == "__main__":
    main()
