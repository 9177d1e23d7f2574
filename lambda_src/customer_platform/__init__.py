"""What the functions share. Importing it is the first thing that each of them does.

In a function, the garbage collector rests from here until its handler is ready
(`started`): what is imported stays for good, and looking through it again and again takes a fifth
of a cold start.
"""

import gc
import os

if "AWS_LAMBDA_RUNTIME_API" in os.environ:  # in a function; not in tests or operator programs
    gc.disable()


def started() -> None:
    """Everything that stays is there: the collector need not look at it again, only at what
    calls make, and at that not ten times a call. The handlers' decorators call this."""
    if not gc.isenabled():
        gc.freeze()
        gc.set_threshold(20_000)  # new objects that may be part of cycles: a few MB at most
        gc.enable()
