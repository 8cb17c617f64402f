import { sign } from '../stand-in/tokens.mjs';

const UNKNOWN_PATHS = ['/favicon.ico', '/robots.txt', '/api/v1/status', '/wp-login.php', '/.env'];
const COMMANDS = ['run', 'stop', 'status'];

/** What a backend serves all day: reads, commands, health checks, a few strays. */
export class OrdinaryTraffic {
  constructor({ port, perSecond, secret }) {
    this.base = `http://127.0.0.1:${port}`;
    this.everyMs = 1000 / perSecond;
    this.token = sign({ sub: 'scheduler', iat: Math.floor(Date.now() / 1000) }, secret);
    this.readsAgents = true;
    this.requests = 0;
    this.byStatus = {};
    this.stopped = false;
    this.pending = [];
  }

  start() {
    this.running = this.#run();
  }

  async stop() {
    this.stopped = true;
    await this.running;
    await Promise.all(this.pending);
  }

  async #run() {
    while (!this.stopped) {
      this.pending.push(this.#one()); // a slow answer holds up nobody else
      await new Promise((resolve) => setTimeout(resolve, this.everyMs * (0.4 + Math.random() * 1.2)));
    }
  }

  async #one() {
    const dice = Math.random();
    if (dice < 0.35) return this.#send('/healthz');
    if (dice < 0.65) return this.readsAgents ? this.#send('/api/agents', this.#authorised()) : this.#send('/healthz');
    if (dice < 0.9) return this.#send('/api/commands', this.#command());
    if (dice < 0.97) return this.#send(pick(UNKNOWN_PATHS));
    return this.#send('/api/agents'); // someone forgot the token
  }

  #authorised() {
    return { headers: { authorization: `Bearer ${this.token}` } };
  }

  #command() {
    return {
      method: 'POST',
      headers: { authorization: `Bearer ${this.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ agent: 'agent-001', command: pick(COMMANDS) }),
    };
  }

  async #send(path, init) {
    const response = await fetch(this.base + path, init);
    await response.arrayBuffer();
    this.requests += 1;
    this.byStatus[response.status] = (this.byStatus[response.status] ?? 0) + 1;
  }
}

const pick = (list) => list[Math.floor(Math.random() * list.length)];
