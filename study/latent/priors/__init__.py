"""Priors p(z), one a file: each is a bijection from N(0, I), so that training knows N(0, I) only; see ``_contract``."""
