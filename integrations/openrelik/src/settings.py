# SPDX-License-Identifier: MIT OR Apache-2.0
"""Settings of the worker, from environment variables."""

from __future__ import annotations

import os
import shutil

REDIS_URL = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0")

TIME_LIMIT = int(os.environ.get("CALHIVE_TIME_LIMIT", "3600"))
"""Seconds that one run of calhive may take."""

REDELIVERY = TIME_LIMIT + int(os.environ.get("CALHIVE_REDELIVERY_MARGIN", "300"))
"""Seconds after which Redis gives the task of a silent worker to another worker."""

RUNS = 5
"""Runs of one task that may end without a result, such as by a worker that is killed."""


def program() -> str:
    """Returns the path of the command.

    Raises `RuntimeError` if there is none.
    """
    named = os.environ.get("CALHIVE_COMMAND")
    found = shutil.which(named or "calhive")
    if found is None:
        raise RuntimeError(f"no command {named or 'calhive'}: install it, or name it in CALHIVE_COMMAND")
    return found
