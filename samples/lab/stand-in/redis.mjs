import { createServer } from 'node:net';

const INFO = 'redis_version:7.2.4\r\nloading:0\r\n';

/** Just enough of Redis for a client to become ready and to push a command. */
export class RedisStandIn {
  constructor(port) {
    this.port = port;
    this.sockets = new Set();
    this.server = createServer((socket) => {
      this.sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => this.sockets.delete(socket));
      socket.on('data', (data) => {
        for (const command of data.toString().matchAll(/\*\d+\r\n\$\d+\r\n(\w+)/g)) socket.write(reply(command[1].toLowerCase()));
      });
    });
  }

  start() {
    return new Promise((resolve) => this.server.listen(this.port, resolve));
  }

  async stop() {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

function reply(command) {
  if (command === 'info') return `$${INFO.length}\r\n${INFO}\r\n`;
  if (command === 'lpush') return ':1\r\n';
  return '+OK\r\n';
}
