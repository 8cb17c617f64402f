"""What is kept of a log: an exact, commutative, bounded sum. See DESIGN: `report = diagnose(sum(profile(chunk)))`."""

from __future__ import annotations

from floodscan.profile.profile import Caps, Profile

__all__ = ["Caps", "Profile"]
