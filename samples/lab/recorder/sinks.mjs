import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Compose, Cri, DockerJsonFile } from './wrappers.mjs';

/** The bytes as they came out of both streams: NAME.jsonl. */
export class RawSink {
  suffix = '.jsonl';
  #lines = [];

  take({ line }) {
    this.#lines.push(line, '\n');
  }

  async finish() {
    return this.#lines.join('');
  }
}

/** The terminal of `node src/server.js | pino-pretty`: stdout made pretty, stderr as it is. */
export class PrettySink {
  suffix = '.log';
  #text = [];

  constructor(home) {
    const bin = join(home, 'node_modules/pino-pretty/bin.js');
    const options = ['--colorize', '--translateTime', 'HH:MM:ss Z', '--ignore', 'pid,hostname'];
    this.child = spawn(process.execPath, [bin, ...options], { stdio: ['pipe', 'pipe', 'inherit'], env: { TZ: 'UTC' } });
    this.child.stdout.setEncoding('utf8');
    this.child.stdout.on('data', (chunk) => this.#text.push(chunk));
  }

  take({ line, stream }) {
    if (stream === 'stdout') this.child.stdin.write(`${line}\n`);
    else this.#text.push(`${line}\n`);
  }

  async finish() {
    this.child.stdin.end();
    await once(this.child, 'close');
    return this.#text.join('');
  }
}

/** The same live lines as a container engine would have kept them. */
class WrappedSink {
  #text = [];

  constructor(suffix, wrapper) {
    Object.assign(this, { suffix, wrapper });
  }

  take(event) {
    this.#text.push(this.wrapper.wrap(event.line, { service: 'api-1', ...event }));
  }

  async finish() {
    return this.#text.join('');
  }
}

export const composeSink = () => new WrappedSink('.compose.log', new Compose(['api-1', 'supabase-1']));
export const dockerSink = () => new WrappedSink('.docker.jsonl', new DockerJsonFile());
export const criSink = () => new WrappedSink('.cri.log', new Cri());

/** Writes a sample, gzipped above so many bytes, and only in one of the two forms. */
export function writeSample(folder, file, text, gzipAbove) {
  const plain = join(folder, file);
  const packed = `${plain}.gz`;
  const large = Buffer.byteLength(text) > gzipAbove;
  writeFileSync(large ? packed : plain, large ? gzipSync(text, { level: 9 }) : text);
  const other = large ? plain : packed;
  if (existsSync(other)) rmSync(other);
}
