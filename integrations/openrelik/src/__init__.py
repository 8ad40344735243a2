# SPDX-License-Identifier: MIT OR Apache-2.0
"""Worker of OpenRelik that runs calhive."""
