import { forLog } from '../lib/normalise-error.js';

const STALE_AFTER_MS = 90_000;

/** Looks for agents that went silent: on its own clock, straight through the model. */
export class AgentHeartbeatMonitor {
  constructor(model, log, everyMs) {
    this.model = model;
    this.log = log;
    this.everyMs = everyMs;
  }

  start() {
    this.timer = setInterval(() => this.checkForStaleAgents(), this.everyMs);
  }

  stop() {
    clearInterval(this.timer);
  }

  async checkForStaleAgents() {
    try {
      const stale = await this.model.findStale(new Date(Date.now() - STALE_AFTER_MS));
      this.log.info({ component: 'heartbeat', stale: stale.length }, 'Checked for stale agents');
    } catch (error) {
      this.log.error({ component: 'heartbeat', error: forLog(error) }, 'Failed to check for stale agents');
    }
  }
}
