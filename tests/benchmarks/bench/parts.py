"""What a training step is made of, each part timed alone: the matrix products at their own shapes, the optimiser."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from bench import setting
from bench.ours import Ours
from study.vae.config import VAEConfig

REPEATS = 10


def repeated(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile as the study's program is compiled, on torch not at all; run it ``REPEATS`` times."""
    import keras

    if keras.backend.backend() == "jax":
        import jax

        # Memory fresh from the system costs more than the arithmetic: each call reuses that of the last.
        reusing = jax.jit(lambda given, last: function(given), donate_argnums=1, keep_unused=True)
        last: list[Any] = []

        def on_jax(given: Any) -> Any:
            for _ in range(REPEATS):
                last[:] = reusing(given, last) if last else jax.jit(function)(given)
            return last

        return on_jax
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        step = tf.function(function, jit_compile=True)

        def on_tensorflow(given: Any) -> Any:
            done = step(given)
            for _ in tf.range(REPEATS - 1):
                done = step(given)
            return done

        return tf.function(on_tensorflow)

    def on_torch(given: Any) -> Any:
        for _ in range(REPEATS):
            done = function(given)
        return done

    return on_torch


def products(config: VAEConfig, replicas: int) -> Callable[[], float]:
    """Return a function that times one step's matrix products, forward and backward; seconds."""
    from keras import ops

    rng = np.random.default_rng(0)
    draw = lambda *shape: ops.convert_to_tensor(rng.standard_normal(shape, np.float32))  # noqa: E731
    given = [
        (draw(replicas, config.batch_size, i), draw(replicas, i, o), draw(replicas, config.batch_size, o))
        for i, o in setting.layers(config)
    ]

    def step(given: Any) -> Any:
        turned = lambda array: ops.transpose(array, (0, 2, 1))  # noqa: E731
        forward = [ops.matmul(x, kernel) for x, kernel, _ in given]
        kernels = [ops.matmul(turned(x), gradient) for x, _, gradient in given]
        inputs = [ops.matmul(gradient, turned(kernel)) for _, kernel, gradient in given[1:]]
        return [*forward, *kernels, *inputs]

    program = repeated(step)

    def seconds() -> float:
        started = time.perf_counter()
        setting.synchronise(program(given)[-1])
        return (time.perf_counter() - started) / REPEATS

    seconds()
    return seconds


def optimiser(ours: Ours) -> Callable[[], float]:
    """Return a function that times one step of the optimiser on weights of the program's shapes; seconds."""
    import keras

    backend, program = keras.backend.backend(), ours.program
    if backend == "jax":
        import jax
        from jax import numpy as jnp

        def steps(state: Any, values: Any, gradients: Any) -> Any:
            def body(_: Any, held: Any) -> Any:
                values, state = program.optimizer.stateless_apply(held[0], gradients, held[1])
                return state, values

            return jax.lax.fori_loop(0, REPEATS, body, (state, values))

        # In a loop, as in the real program: called one by one the updates would each copy what they change.
        update = jax.jit(steps, donate_argnums=(0, 1))
        gradients = [jnp.full_like(value, 1e-3) for value in program.values]
        held = [
            [jnp.array(variable.value) for variable in program.optimizer.variables],
            list(map(jnp.zeros_like, gradients)),
        ]

        def all_steps() -> Any:
            held[:] = update(*held, gradients)
            return held[1]

    elif backend == "tensorflow":
        import tensorflow as tf

        variables = [keras.Variable(tf.zeros(variable.shape)) for variable in program.variables]
        gradients = [tf.fill(variable.shape, 1e-3) for variable in program.variables]
        adam = keras.optimizers.Adam(1e-3)
        adam.build(variables)
        update = tf.function(lambda: adam.apply(gradients, variables), jit_compile=True)

        @tf.function
        def updates() -> None:
            for _ in tf.range(REPEATS):
                update()

        def all_steps() -> Any:
            updates()
            return variables[0].value

    else:
        import torch

        weights = [torch.nn.Parameter(torch.zeros_like(value)) for value in program.values]
        for weight in weights:
            weight.grad = torch.full_like(weight, 1e-3)
        adam = torch.optim.Adam(weights, fused=True)

        def all_steps() -> Any:
            for _ in range(REPEATS):
                adam.step()

    def seconds() -> float:
        started = time.perf_counter()
        setting.synchronise(all_steps())
        return (time.perf_counter() - started) / REPEATS

    seconds()
    return seconds


def top_operators(ours: Ours, count: int = 8) -> list[dict[str, Any]]:
    """The kernels that take most of a round on torch, by torch.profiler; nothing on the other backends."""
    import keras

    if keras.backend.backend() != "torch":
        return []
    from torch.profiler import ProfilerActivity, profile

    with setting.quiet(), profile(activities=[ProfilerActivity.CPU, ProfilerActivity.CUDA]) as seen:
        ours.run()
    averages = seen.key_averages()
    spent = lambda one: one.self_cpu_time_total + getattr(one, "self_device_time_total", 0.0)  # noqa: E731
    whole = sum(map(spent, averages)) or 1.0
    longest = sorted(averages, key=spent, reverse=True)[:count]
    return [{"name": one.key, "share": round(spent(one) / whole, 4), "calls": one.count} for one in longest]
