"""How the task tracker's document words errors."""

import re

from customer_platform.http.api import Wording, worded_handler


def in_words(code: str) -> str:
    """`NotFound` is "Not Found" there."""
    if code == "InternalError":
        return "Internal Server Error"
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", code)


task_handler = worded_handler(
    Wording(in_words, "An unexpected error occurred. Please try again later.")
)
