"""Who evaluates the sum `profile(chunk) + profile(chunk) + ...`: nothing else differs between engines."""
