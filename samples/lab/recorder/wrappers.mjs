/**
 * What container engines make of a process's output, line by line, to their
 * documented formats and with the clock of the moment the line came. There is
 * no engine here: these few functions do what its log driver would.
 */

const CHUNK = 16 * 1024; // both engines cut a long line every 16 KiB

/** `docker compose logs`: the service's name, padded to the longest. */
export class Compose {
  constructor(services) {
    this.width = Math.max(...services.map((name) => name.length)) + 1;
  }

  wrap(line, { service }) {
    return `${service.padEnd(this.width)} | ${line}\n`;
  }
}

/** Docker's json-file driver: the last piece of a cut line alone ends in a newline; all pieces carry one time. */
export class DockerJsonFile {
  wrap(line, { stream, now }) {
    const time = rfc3339Nano(now);
    return pieces(line)
      .map(({ text, last }) => `{"log":${goJson(last ? `${text}\n` : text)},"stream":"${stream}","time":"${time}"}\n`)
      .join('');
  }
}

/** CRI (containerd): `time stream P|F text`, P for a piece that is not the last. */
export class Cri {
  wrap(line, { stream, now }) {
    const time = rfc3339Nano(now);
    return pieces(line)
      .map(({ text, last }) => `${time} ${stream} ${last ? 'F' : 'P'} ${text}\n`)
      .join('');
  }
}

function pieces(line) {
  const bytes = Buffer.from(line);
  const cut = [];
  for (let at = 0; at < bytes.length || at === 0; at += CHUNK) {
    cut.push({ text: bytes.subarray(at, at + CHUNK).toString(), last: at + CHUNK >= bytes.length });
  }
  return cut;
}

/** Docker's encoder escapes what could end a script element, as Go's does. */
const goJson = (text) =>
  JSON.stringify(text).replace(/[<>&\u2028\u2029]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);

// Wall clock in nanoseconds: the epoch at start, plus the monotonic clock since.
const EPOCH_AT_START = BigInt(Date.now()) * 1_000_000n - process.hrtime.bigint();
export const nowNs = () => EPOCH_AT_START + process.hrtime.bigint();

/** Go's RFC3339Nano: nine digits, trailing zeros dropped. */
function rfc3339Nano(ns) {
  const seconds = new Date(Number(ns / 1_000_000n)).toISOString().slice(0, 19);
  const fraction = String(ns % 1_000_000_000n).padStart(9, '0').replace(/0+$/, '');
  return fraction ? `${seconds}.${fraction}Z` : `${seconds}Z`;
}
