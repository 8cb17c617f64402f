import { config } from '../config.js';

const { Redis } = await import(config.ioredis);

/**
 * Two connections, as queue libraries keep them: one to write commands, whose
 * errors are printed by hand, and one to listen, whose errors nobody handles.
 */
export class CommandQueue {
  constructor(port, log) {
    this.log = log;
    this.lost = { commands: 0, events: 0 };
    this.ready = { commands: 0, events: 0 };
    this.commands = this.#connect('commands', { host: '127.0.0.1', port });
    this.commands.on('error', (error) => console.error(error));
    this.events = this.#connect('events', { host: 'localhost', port });
  }

  #connect(name, address) {
    const client = new Redis(address); // the package's own retryStrategy
    client.on('close', () => (this.lost[name] += this.closing ? 0 : 1));
    client.on('ready', () => {
      this.ready[name] += 1;
      this.log.info({ component: 'redis', client: name }, 'Redis connection ready');
    });
    return client;
  }

  push(command) {
    return this.commands.lpush('commands', JSON.stringify(command));
  }

  close() {
    this.closing = true;
    this.commands.disconnect();
    this.events.disconnect();
  }
}
