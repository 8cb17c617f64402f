// Built twice, by tsc and by esbuild into one minified line; each logs the same error with the stack of what was built.
import pino from 'pino';
import { total } from './orders.js';

const log = pino({ base: { pid: 71, hostname: 'api' } });
const rows = [
  { id: 1, lines: [{ price: 3 }] },
  { id: 2, lines: null },
];

for (const row of rows) {
  try {
    log.info({ order: row.id, total: total(row) }, 'Order priced');
  } catch (err) {
    log.error({ err, order: row.id }, 'Order has no price');
  }
}
