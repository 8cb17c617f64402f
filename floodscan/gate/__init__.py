"""The gate: what makes a run fail (conditions, budgets), what was accepted (the baseline), and the judgement of both."""

from floodscan.gate.judge import judge

__all__ = ["judge"]
