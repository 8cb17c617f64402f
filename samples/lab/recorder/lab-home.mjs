import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const MARKER = '.floodscan-lab';

/** Copies the backend to a neutral place, so that no stack trace names this machine. */
export function installLab(from, home) {
  if (existsSync(home) && readdirSync(home).length && !existsSync(join(home, MARKER))) {
    throw new Error(`${home} is in use by something else; set LAB_HOME to another folder`);
  }
  mkdirSync(home, { recursive: true });
  const lock = readFileSync(join(from, 'package-lock.json'), 'utf8');
  const marker = join(home, MARKER);
  if (!existsSync(marker) || readFileSync(marker, 'utf8') !== lock) {
    if (!existsSync(join(from, 'node_modules'))) throw new Error('run `npm ci` in samples/lab first');
    rmSync(join(home, 'node_modules'), { recursive: true, force: true });
    cpSync(join(from, 'node_modules'), join(home, 'node_modules'), { recursive: true, verbatimSymlinks: true });
    writeFileSync(marker, lock);
  }
  cpSync(join(from, 'backend'), join(home, 'backend'), { recursive: true });
}
