"""The fast path: lines whose like was decoded before are taken by a native kernel, a block's worth at a time.

What it gives is what the plain path gives, byte for byte; where the kernel was not built, there is the plain path alone.
"""
