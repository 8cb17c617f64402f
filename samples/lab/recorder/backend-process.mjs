import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { nowNs } from './wrappers.mjs';

/** Runs the backend and hands on each line it prints, as it comes, with its stream. */
export class BackendProcess {
  constructor({ home, env, onLine }) {
    this.child = spawn(process.execPath, ['src/server.js'], {
      cwd: join(home, 'backend'),
      env: { PATH: process.env.PATH, TZ: 'UTC', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.exited = once(this.child, 'close');
    this.ready = new Promise((resolve, reject) => {
      this.exited.then(([code]) => reject(new Error(`the backend ended early, code ${code}`)));
      for (const stream of ['stdout', 'stderr']) {
        splitLines(this.child[stream], (line) => {
          onLine({ line, stream, now: nowNs() });
          if (line.startsWith('WebSocket endpoint ready')) resolve();
        });
      }
    });
  }

  async stop() {
    this.child.kill('SIGTERM');
    await this.exited;
  }
}

/** Calls back for each whole line, without its newline. */
export function splitLines(readable, onLine) {
  let rest = '';
  readable.setEncoding('utf8');
  readable.on('data', (chunk) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop();
    for (const line of lines) onLine(line);
  });
  readable.on('end', () => rest && onLine(rest));
}
