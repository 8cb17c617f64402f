/**
 * Every scenario, as data. Times are seconds from the start of the backend.
 * `mode` is what the stand-in does between `faultAt` and `healAt`.
 */

const on = (...names) => Object.fromEntries(names.map((name) => [name, 'true']));

const DEFAULTS = {
  driver: 'dashboards', // who repeats: dashboards, redis-client, startup
  switches: {},
  agents: 3, // rows in the agents table
  actors: 1,
  visits: [], // sign-ins beside the actors' own: { user, from, to }
  policy: { kind: 'immediate', base_ms: 0 },
  resend: 'new-socket',
  mode: 'ok',
  faultAt: null,
  healAt: null, // null: never
  dashboardsAt: 7,
  dashboardsLeaveAt: null, // null: they stay to the end
  endAt: 30,
  trafficPerSecond: 1.5,
  trafficReadsAgentsDuringFault: false,
  failureMessage: 'Failed to initialize dashboard',
  redis: false,
  pretty: false, // also NAME.log, through pino-pretty
  wrapped: false, // also as compose, docker and CRI would keep it
  keepPlain: [], // suffixes that are not gzipped, however large
};

const fixed = (base_ms) => ({ kind: 'fixed', base_ms });

/** The incident of the investigation as it was: every switch off. */
const SEED = {
  fault: 'database-down',
  mode: 'down',
  faultAt: 5,
  healAt: 22,
  endAt: 28,
  agents: 60,
  switches: on('LOG_INITIAL_DATA'),
};

/** The incident again, with one recommendation taken. */
const after = (name, switches, change = {}) => ({
  ...SEED,
  ...change,
  name: `after-${name}`,
  switches: { ...SEED.switches, ...switches },
});

/** A fault of the database that the model's own log line names. */
const SAID = { faultAt: 4, dashboardsAt: 6, switches: on('LOG_QUERY_ERRORS'), trafficReadsAgentsDuringFault: true };

const TYPE_ERROR = {
  fault: 'type-error',
  mode: 'null-capabilities', // one row of the first user's; the second user is well
  faultAt: 0,
  actors: 2,
  dashboardsAt: 6,
  dashboardsLeaveAt: 20,
  endAt: 28,
  trafficReadsAgentsDuringFault: true,
  pretty: true,
};

const BACKOFF = {
  ...SAID,
  fault: 'database-down',
  mode: 'down',
  actors: 8,
  healAt: 60,
  endAt: 78,
  trafficPerSecond: 1,
  trafficReadsAgentsDuringFault: false,
};

const REDIS = {
  fault: 'redis-refused',
  driver: 'redis-client', // its own default retryStrategy, which `policy` describes
  redis: true,
  faultAt: 0,
  healAt: 48,
  endAt: 56,
  dashboardsAt: 10,
  trafficReadsAgentsDuringFault: true,
  failureMessage: 'connect ECONNREFUSED',
};

/** Sign-ins spread over the time, one user after another, each staying a while. */
const visitsBetween = (first, last, every, stay) => {
  const list = [];
  for (let from = first, n = 0; from + stay < last; from += every, n++) list.push({ user: 2 + (n % 6), from, to: from + stay });
  return list;
};

export const scenarios = [
  { ...SEED, name: 'dashboard-flood', pretty: true, wrapped: true, keepPlain: ['.jsonl', '.log'] },
  {
    ...SEED,
    name: 'dashboard-flood-half-empty',
    agents: 3,
    switches: { SERVICE_REWRAPS_ERRORS: 'false' },
    pretty: true,
  },

  { ...SAID, name: 'schema-drift', fault: 'schema-drift', mode: 'column-missing', endAt: 22, pretty: true },
  {
    ...SAID,
    name: 'rls-refused',
    fault: 'rls-refused',
    mode: 'rls-refused',
    policy: fixed(250),
    resend: 'same-socket',
    switches: { ...SAID.switches, CLOSE_ON_INIT_FAILURE: 'false', SERVICE_REWRAPS_ERRORS: 'false' },
    endAt: 30,
  },
  {
    ...SAID,
    name: 'invalid-service-key',
    fault: 'invalid-service-key',
    mode: 'invalid-key',
    switches: on('LOG_QUERY_ERRORS', 'NORMALISE_ERRORS'),
    faultAt: 0,
    actors: 2,
    policy: fixed(1000),
    dashboardsLeaveAt: 36,
    endAt: 46,
  },
  {
    ...SAID,
    name: 'pool-timeout',
    fault: 'pool-timeout',
    mode: 'pool-timeout',
    actors: 3,
    policy: fixed(500),
    healAt: 34,
    endAt: 40,
    pretty: true,
  },

  { ...TYPE_ERROR, name: 'hidden-type-error' },
  { ...TYPE_ERROR, name: 'visible-type-error', switches: on('NORMALISE_ERRORS') },

  { ...BACKOFF, name: 'backoff-exponential', policy: { kind: 'exponential', base_ms: 500, factor: 2, cap_ms: 8000 }, pretty: true },
  { ...BACKOFF, name: 'backoff-jittered', policy: { kind: 'jittered', base_ms: 500, factor: 2, cap_ms: 8000 }, switches: on('NORMALISE_ERRORS') },

  {
    name: 'rate-limited',
    fault: 'rate-limited',
    mode: 'rate-limited',
    faultAt: 4,
    healAt: 26,
    dashboardsAt: 6,
    endAt: 32,
    actors: 2,
    policy: fixed(300),
    trafficReadsAgentsDuringFault: true,
  },
  { ...REDIS, name: 'redis-refused', policy: { kind: 'linear', base_ms: 50, cap_ms: 2000 }, pretty: true },
  {
    ...REDIS,
    name: 'redis-refused-ioredis6',
    policy: { kind: 'exponential', base_ms: 50, factor: 2, cap_ms: 5000, jitter_ms: 200 },
    switches: { IOREDIS_PACKAGE: 'ioredis6' },
  },
  {
    name: 'false-success',
    fault: 'false-success',
    mode: 'events-missing',
    faultAt: 0,
    dashboardsAt: 5,
    endAt: 30,
    actors: 2,
    policy: { kind: 'exponential', base_ms: 300, factor: 2, cap_ms: 8000 }, // and never comes past 300 ms
    switches: on('LIVE_UPDATES'),
    trafficReadsAgentsDuringFault: true,
    failureMessage: 'Live updates lost, closing dashboard',
    pretty: true,
  },
  {
    name: 'slow-start',
    fault: 'slow-start',
    driver: 'startup',
    mode: 'starting',
    faultAt: 0,
    healAt: 5,
    dashboardsAt: 12,
    endAt: 24,
    policy: { kind: 'linear', base_ms: 500 },
    switches: on('WAIT_FOR_DATABASE', 'LOG_QUERY_ERRORS'),
    failureMessage: 'Database not ready, retrying',
  },

  {
    name: 'healthy',
    fault: 'none',
    actors: 2,
    visits: visitsBetween(6, 58, 6, 9),
    dashboardsAt: 3,
    endAt: 60,
    trafficPerSecond: 3,
    pretty: true,
  },
  {
    name: 'incident-in-traffic',
    fault: 'database-down',
    mode: 'down',
    faultAt: 300,
    healAt: 316,
    dashboardsAt: 302,
    dashboardsLeaveAt: 420,
    endAt: 600,
    visits: [...visitsBetween(5, 298, 20, 30), ...visitsBetween(330, 598, 20, 30)],
    trafficPerSecond: 5,
    trafficReadsAgentsDuringFault: true,
    switches: { ...on('LOG_QUERY_ERRORS'), HEARTBEAT_MS: '5000' },
  },

  after('database-mended', {}, { fault: 'none', mode: 'ok', faultAt: null, healAt: null }),
  after('mock-mode', on('MOCK_MODE')),
  after('jwt-debug', { EXPECTED_JWT_FAILURE_LEVEL: 'debug' }),
  after('verifier-by-issuer', on('VERIFIER_BY_ISSUER')),
  after('errors-normalised', on('NORMALISE_ERRORS')),
  after('init-throttled', on('THROTTLE_INIT')),
  after('health-check-503', on('HEALTH_CHECK_503')),
].map((scenario) => ({ ...DEFAULTS, ...scenario }));
