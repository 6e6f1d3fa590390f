"""Networks of encoder and decoder, one a file, looked up by the config's ``network``; the contract is ``_contract``."""
