"""Django's command line, but what people can mend is told in a sentence.

So it is with arguments that are not UTF-8 and with a database that cannot be used; an
error that is our own shows its traceback.
"""

import os
import sys
from collections.abc import Sequence

from django.core.management import execute_from_command_line


def run(arguments: Sequence[str]) -> None:
    """Run the command; exit with a sentence where it cannot be run."""
    _refuse_foreign(arguments)
    try:
        execute_from_command_line(list(arguments))
    except Exception as error:
        from harvests import health  # takes a while to load, as the drivers do

        is_migrating = arguments[1] == "migrate"
        sentence = health.trouble_behind(error, is_migrating=is_migrating)
        if not sentence or "--traceback" in arguments:
            raise
        sys.exit(sentence)


def _refuse_foreign(arguments: Sequence[str]) -> None:
    """Exit if one can be neither stored nor shown. Python hides its bytes in it."""
    for argument in arguments:
        data = os.fsencode(argument)
        try:
            data.decode()
        except UnicodeDecodeError:
            shown = data.decode(errors="backslashreplace")
            print(
                f"Usage: the argument '{shown}' is not UTF-8. Type it anew, "
                "or set the terminal to UTF-8.",
                file=sys.stderr,
            )
            sys.exit(2)
