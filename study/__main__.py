"""``python -m study``: the ``study`` command."""

from study.cli.main import main

if __name__ == "__main__":
    main(prog_name="study")
