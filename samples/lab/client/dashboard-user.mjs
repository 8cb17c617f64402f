import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import WebSocket from 'ws';
import { delayAfter } from './reconnect-policy.mjs';

const SETTLE_MS = 600;

/**
 * One user's dashboard: connects, signs in, and when that fails tries again by
 * its policy until it is connected or told to stop. Counts what came of it.
 */
export class DashboardUser {
  #closed = null;

  constructor({ user, token, port, policy, resend, networkMs = [40, 90] }) {
    Object.assign(this, { user, policy, resend, networkMs });
    this.url = `ws://127.0.0.1:${port}/ws?token=${token}`;
    this.failed = 0;
    this.succeeded = 0;
    this.falseSuccesses = 0;
    this.endedWell = false;
    this.failedBy = {};
    this.firstAttemptAt = null;
    this.lastAttemptAt = null;
    this.stopping = false;
    this.stopSignal = new Promise((resolve) => (this.signalStop = resolve));
  }

  start() {
    this.running = this.#keepConnected();
  }

  /** Lets the attempt under way come to its end, then leaves. */
  async stop() {
    this.stopping = true;
    this.signalStop();
    await this.running;
    await this.#leave();
  }

  async #keepConnected() {
    let failures = 0;
    while (!this.stopping) {
      const outcome = await this.#attempt();
      if (outcome === 'INIT_OK') {
        failures = 0; // as front ends do: the handshake went well, so the counter starts anew
        const ending = await this.#untilClosedOrStopped();
        if (ending === 'stopped') {
          this.succeeded += 1;
          this.endedWell = true;
          return;
        }
        this.falseSuccesses += 1;
        this.#countFailure(ending);
      } else {
        this.#countFailure(outcome);
      }
      failures += 1;
      await this.#pauseUnlessStopped(delayAfter(this.policy, failures));
    }
  }

  #countFailure(reason) {
    this.failed += 1;
    this.failedBy[reason] = (this.failedBy[reason] ?? 0) + 1;
  }

  async #attempt() {
    const now = new Date().toISOString();
    this.firstAttemptAt ??= now;
    this.lastAttemptAt = now;
    if (!this.socket || this.resend === 'new-socket') {
      await sleep(between(this.networkMs));
      const refused = await this.#connect();
      if (refused) return refused;
    }
    const answer = this.#answer();
    this.socket.send(JSON.stringify({ type: 'DASHBOARD_INIT' }));
    const outcome = await answer;
    if (outcome !== 'INIT_OK' && this.resend === 'new-socket') await this.#closed;
    return outcome;
  }

  async #connect() {
    this.socket = new WebSocket(this.url);
    const { socket } = this;
    socket.on('error', () => {}); // told apart below
    this.#closed = new Promise((resolve) => socket.once('close', (code, reason) => resolve(String(reason) || code)));
    return new Promise((resolve, reject) => {
      socket.once('open', () => resolve(null));
      socket.once('unexpected-response', (request, response) => {
        response.resume();
        request.destroy();
        resolve(`HTTP_${response.statusCode}`);
      });
      socket.once('error', reject); // the backend itself is gone: no sample can come of that
    });
  }

  async #answer() {
    const [message] = await once(this.socket, 'message');
    return JSON.parse(message).type;
  }

  /** A connection only counts as one if the server doesn't close it in the next moment. */
  async #untilClosedOrStopped() {
    await Promise.race([this.#closed, this.stopSignal]);
    return Promise.race([this.#closed, sleep(SETTLE_MS).then(() => 'stopped')]);
  }

  async #pauseUnlessStopped(ms) {
    const waiting = new AbortController();
    await Promise.race([sleep(ms, null, waiting).catch(() => {}), this.stopSignal]);
    waiting.abort();
  }

  async #leave() {
    if (this.socket?.readyState === WebSocket.OPEN) {
      this.socket.close(1000);
      await this.#closed;
    }
  }
}

const between = ([low, high]) => low + Math.random() * (high - low);
