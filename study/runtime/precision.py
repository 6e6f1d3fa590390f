"""Precisions of matrix products, and what each backend must be told of them before it is imported."""

from __future__ import annotations

from collections.abc import Mapping

from study.errors import InvalidValue

PRECISIONS: Mapping[str, Mapping[str, str]] = {
    "float32": {"NVIDIA_TF32_OVERRIDE": "0", "JAX_DEFAULT_MATMUL_PRECISION": "highest"},
    "tf32": {"JAX_DEFAULT_MATMUL_PRECISION": "tensorfloat32", "TORCH_ALLOW_TF32_CUBLAS_OVERRIDE": "1"},
}
"""Environment of each precision on a GPU. On a CPU all products are float32."""


def checked(precision: str) -> str:
    """Return a precision, refusing an unknown one.

    Raises:
        InvalidValue: It is no key of :data:`PRECISIONS`.
    """
    if precision not in PRECISIONS:
        raise InvalidValue("precision", precision, "one of " + ", ".join(map(repr, PRECISIONS)))
    return precision
