"""`python -m ingot_lm_eval ...` is `lm_eval ...` with the model class `ingot` known to it."""

from lm_eval.__main__ import cli_evaluate

import ingot_lm_eval  # noqa: F401: registers the class

cli_evaluate()
