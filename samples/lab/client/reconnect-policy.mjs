/** Milliseconds to wait after the n-th failure in a row (n from 1). */
export function delayAfter(policy, failures) {
  const { kind, base_ms: base = 0, cap_ms: cap = Infinity } = policy;
  const exponential = () => Math.min(cap, base * 2 ** (failures - 1));
  switch (kind) {
    case 'immediate':
      return 0;
    case 'fixed':
      return base;
    case 'linear':
      return Math.min(cap, base * failures);
    case 'exponential':
      return exponential();
    case 'jittered': // equal jitter: half of it sure, half by chance
      return exponential() * (0.5 + Math.random() / 2);
    default:
      throw new Error(`unknown policy ${kind}`);
  }
}
