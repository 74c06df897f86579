"""The entry of the command line: errors become one line and an exit code; a bug keeps its traceback."""

from __future__ import annotations

import atexit
import gc
import os
import sys


def main() -> None:
    """Run `kg`: exit code 0 where all went well, 1 where the data has a problem, 2 where the call was wrong."""
    gc.set_threshold(100_000)  # what is loaded at the start stays: looking for garbage in it costs a tenth of a second
    atexit.register(gc.freeze)  # and so does looking for it at the end
    from kg.cli import app
    from kg.errors import KgError
    from kg.terminal import say

    try:
        app(prog_name="kg")
    except KgError as error:
        say(f"kg: {error}")
        sys.exit(error.exit_code)
    except BrokenPipeError:
        # whoever read the output has had enough of it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
