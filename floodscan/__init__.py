"""floodscan reads a backend's log and writes the investigation: what repeats, why, and what to do."""

__version__ = "0.1.0"
