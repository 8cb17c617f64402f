import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

/** Counts the failures in a recorded log and compares them with its truth; throws where they differ. */
export function checkSample(folder, name) {
  const truth = JSON.parse(readFileSync(join(folder, `${name}.truth.json`), 'utf8'));
  const text = readSample(folder, `${name}.jsonl`);
  for (const [reason, expected] of Object.entries(truth.failed_by)) {
    const found = COUNT[reason]?.(text) ?? occurrences(text, `"msg":"${truth.failure_message}"`);
    if (found !== expected) throw new Error(`${name}: ${expected} failed by ${reason}, but the log shows ${found}`);
  }
  return truth;
}

const COUNT = {
  INIT_FAILED: (text) => occurrences(text, '"msg":"Failed to initialize dashboard"'),
  LIVE_UPDATES_LOST: (text) => occurrences(text, '"msg":"Live updates lost, closing dashboard"'),
  HTTP_503: refusedUpgrades,
  // One client prints the error by hand, for the other ioredis complains itself.
  'redis-client': (text) => text.match(/^(\[ioredis\] Unhandled error event: )?\w*Error: connect ECONNREFUSED/gm)?.length ?? 0,
  startup: (text) => occurrences(text, '"msg":"Database not ready, retrying"'),
};

const occurrences = (text, part) => text.split(part).length - 1;

function refusedUpgrades(text) {
  const records = text.split('\n').filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
  const upgrades = new Set(records.filter(({ req }) => req?.url.startsWith('/ws')).map(({ reqId }) => reqId));
  return records.filter(({ reqId, res }) => res?.statusCode === 503 && upgrades.has(reqId)).length;
}

function readSample(folder, file) {
  const plain = join(folder, file);
  return existsSync(plain) ? readFileSync(plain, 'utf8') : gunzipSync(readFileSync(`${plain}.gz`)).toString();
}
