"""One training program a backend; the only place with branches between them."""
