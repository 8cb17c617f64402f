"""From arguments to logical records as text: sources, decompression, lines, wrappers, framing. Decoding comes after."""
