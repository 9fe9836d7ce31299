"""Models compiled by Ingot as a model class of lm-evaluation-harness."""

from .model import IngotLM

__all__ = ["IngotLM"]
