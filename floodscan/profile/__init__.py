"""What is kept of a log: an exact, commutative, bounded sum. See DESIGN: `report = diagnose(sum(profile(chunk)))`."""

from __future__ import annotations

from floodscan.profile.codec import IncompatibleProfile, from_bytes, to_bytes
from floodscan.profile.profile import Caps, Profile

__all__ = ["Caps", "IncompatibleProfile", "Profile", "from_bytes", "to_bytes"]
