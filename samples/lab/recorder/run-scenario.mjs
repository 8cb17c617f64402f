import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DashboardUser } from '../client/dashboard-user.mjs';
import { OrdinaryTraffic } from '../client/ordinary-traffic.mjs';
import { RedisStandIn } from '../stand-in/redis.mjs';
import { SupabaseStandIn } from '../stand-in/supabase.mjs';
import { accessToken } from '../stand-in/tokens.mjs';
import { BackendProcess } from './backend-process.mjs';
import { composeSink, criSink, dockerSink, PrettySink, RawSink, writeSample } from './sinks.mjs';
import { checkSample } from './check.mjs';
import { truthOf } from './truth.mjs';
import { users } from './users.mjs';
import { nowNs } from './wrappers.mjs';

const GZIP_ABOVE = 120_000;
const LOCAL_SECRET = 'local-service-token-secret';

/** Plays one scenario in real time and writes its logs and its truth. */
export async function runScenario(scenario, { home, folder, slot }) {
  const ports = { api: 3001 + slot, auth: 9999 + slot, rest: 54321 + slot, redis: 6379 + slot };
  const scratch = mkdtempSync(join(tmpdir(), 'lab-'));
  const counters = join(scratch, 'counters.json');

  const sinks = [new RawSink()];
  if (scenario.pretty) sinks.push(new PrettySink(home));
  if (scenario.wrapped) sinks.push(composeSink(), dockerSink(), criSink());
  const compose = sinks.find((sink) => sink.suffix === '.compose.log');

  const standIn = new SupabaseStandIn({
    authPort: ports.auth,
    restPort: ports.rest,
    agents: scenario.agents,
    brokenRowOf: users(1)[0].id,
    say: (line) => compose?.take({ line, service: 'supabase-1', stream: 'stdout', now: nowNs() }),
  });
  const redis = scenario.redis ? new RedisStandIn(ports.redis) : null;
  await standIn.start(scenario.faultAt === 0 ? scenario.mode : 'ok');

  const startedAt = Date.now();
  const at = (seconds) => sleep(Math.max(0, startedAt + seconds * 1000 - Date.now()));

  const backend = new BackendProcess({
    home,
    env: {
      PORT: String(ports.api),
      SUPABASE_AUTH_URL: `http://127.0.0.1:${ports.auth}`,
      SUPABASE_URL: `http://127.0.0.1:${ports.rest}`,
      JWT_SECRET: LOCAL_SECRET,
      LAB_COUNTERS_FILE: counters,
      ...(redis && { REDIS_PORT: String(ports.redis) }),
      ...scenario.switches,
    },
    onLine: (event) => sinks.forEach((sink) => sink.take(event)),
  });

  const dashboardOf = (user) =>
    new DashboardUser({
      user,
      token: accessToken(user, standIn.issuer),
      port: ports.api,
      policy: scenario.policy,
      resend: scenario.resend,
    });
  const actors = users(scenario.actors).map(dashboardOf);
  const visits = scenario.visits.map(({ user, from, to }) => ({ actor: dashboardOf(users(8)[user]), from, to }));
  const traffic = new OrdinaryTraffic({ port: ports.api, perSecond: scenario.trafficPerSecond, secret: LOCAL_SECRET });
  const healed = { at: null };

  const fault = async () => {
    if (scenario.faultAt === null) return;
    await at(scenario.faultAt);
    traffic.readsAgents = scenario.trafficReadsAgentsDuringFault;
    if (scenario.faultAt > 0) await standIn.break(scenario.mode);
    if (scenario.healAt === null) return;
    await at(scenario.healAt);
    if (redis) {
      await redis.start();
      healed.at = new Date().toISOString();
    } else {
      healed.at = await standIn.heal();
    }
    traffic.readsAgents = true;
  };
  const dashboards = async () => {
    await backend.ready;
    await at(scenario.dashboardsAt);
    actors.forEach((actor) => actor.start());
    await at(scenario.dashboardsLeaveAt ?? scenario.endAt);
    await Promise.all(actors.map((actor) => actor.stop()));
  };
  const visit = async ({ actor, from, to }) => {
    await backend.ready;
    await at(from);
    actor.start();
    await at(to);
    await actor.stop();
  };
  const rest = async () => {
    await backend.ready;
    traffic.start();
    await at(scenario.endAt);
    await traffic.stop();
  };

  await Promise.all([fault(), dashboards(), rest(), ...visits.map(visit)]);
  await sleep(200); // the last lines of the last sockets
  await backend.stop();
  await standIn.stop();
  await redis?.stop();

  const backendCounts = JSON.parse(readFileSync(counters, 'utf8'));
  rmSync(scratch, { recursive: true });
  const truth = truthOf({
    scenario,
    actors: [...actors, ...visits.map(({ actor }) => actor)],
    traffic,
    standIn,
    healedAt: healed.at,
    backendCounts,
  });
  for (const sink of sinks) {
    const gzipAbove = scenario.keepPlain.includes(sink.suffix) ? Infinity : GZIP_ABOVE;
    writeSample(folder, scenario.name + sink.suffix, await sink.finish(), gzipAbove);
  }
  writeFileSync(join(folder, `${scenario.name}.truth.json`), `${JSON.stringify(truth, null, 2)}\n`);
  checkSample(folder, scenario.name);
  return truth;
}
