const CHECK_EVERY_MS = 1000;

/** Asks the database once a second; while it is degraded no socket is opened. */
export class DatabaseHealth {
  constructor(model, log) {
    this.model = model;
    this.log = log;
    this.degraded = false;
    this.failures = 0;
  }

  start() {
    this.timer = setInterval(() => this.check(), CHECK_EVERY_MS);
    return this.check();
  }

  stop() {
    clearInterval(this.timer);
  }

  async check() {
    try {
      await this.model.findStale(new Date(0));
      if (this.degraded) this.log.info({ component: 'health', failures: this.failures }, 'Database healthy again');
      this.degraded = false;
      this.failures = 0;
    } catch (error) {
      this.failures += 1;
      if (!this.degraded) {
        this.log.error(
          { component: 'health', metric: 'agent_errors_total', code: error.code },
          'Database degraded, refusing dashboards',
        );
      }
      this.degraded = true;
    }
  }
}
