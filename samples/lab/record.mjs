#!/usr/bin/env node
// Records the samples again: node samples/lab/record.mjs
//   --list         the scenarios, and record nothing
//   --check        compare the samples that are there with their truth, and record nothing
//   --only NAME    this scenario alone (may be repeated)
//   --at-once N    so many side by side (5); --slot N: from this slot of ports on (0)
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { checkSample } from './recorder/check.mjs';
import { installLab } from './recorder/lab-home.mjs';
import { runScenario } from './recorder/run-scenario.mjs';
import { scenarios } from './scenarios.mjs';

const lab = dirname(fileURLToPath(import.meta.url));
const folder = join(lab, '..');
const home = process.env.LAB_HOME ?? '/app';

const { values } = parseArgs({
  options: {
    list: { type: 'boolean' },
    check: { type: 'boolean' },
    only: { type: 'string', multiple: true },
    'at-once': { type: 'string', default: '5' },
    slot: { type: 'string', default: '0' },
  },
});

if (values.list) {
  for (const { name, fault, endAt } of scenarios) console.log(`${name.padEnd(30)} ${fault.padEnd(20)} ${endAt} s`);
  process.exit(0);
}

const chosen = values.only ? scenarios.filter(({ name }) => values.only.includes(name)) : scenarios;
if (chosen.length !== (values.only?.length ?? scenarios.length)) throw new Error('no such scenario; see --list');

if (values.check) {
  for (const { name } of chosen) report(checkSample(folder, name));
  process.exit(0);
}

installLab(lab, home);

function report({ scenario, failed_attempts: failed, successful_attempts: succeeded, outcome }) {
  console.log(`${scenario}: ${failed} failed, ${succeeded} succeeded, ${outcome}`);
}

// The longest first, so that the short ones fill the time beside it.
const waiting = [...chosen].sort((a, b) => b.endAt - a.endAt);
async function worker(slot) {
  for (let scenario = waiting.shift(); scenario; scenario = waiting.shift()) {
    const truth = await runScenario(scenario, { home, folder, slot });
    report(truth);
  }
}
await Promise.all(Array.from({ length: Number(values['at-once']) }, (_, slot) => worker(slot + Number(values.slot))));
