import { monitorEventLoopDelay } from 'node:perf_hooks';
import pino from 'pino';

/** Process metrics, by a logger of their own, straight to stderr. */
export class Metrics {
  constructor(everyMs, openSockets) {
    this.log = pino({ name: 'metrics', base: { pid: process.pid, hostname: 'api-1' } }, pino.destination(2));
    this.delay = monitorEventLoopDelay();
    this.everyMs = everyMs;
    this.openSockets = openSockets;
  }

  start() {
    this.delay.enable();
    this.timer = setInterval(() => this.#sample(), this.everyMs);
  }

  stop() {
    clearInterval(this.timer);
    this.delay.disable();
  }

  #sample() {
    this.log.info(
      {
        rssMb: Math.round(process.memoryUsage.rss() / 1048576),
        eventLoopP99Ms: Math.round(this.delay.percentile(99) / 1e4) / 100,
        openSockets: this.openSockets(),
      },
      'process metrics',
    );
    this.delay.reset();
  }
}
