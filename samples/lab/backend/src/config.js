// Everything the environment decides. Each recommendation of the investigation
// is one switch; every switch is off in the incident as it happened.

const flag = (name, otherwise = false) =>
  process.env[name] === undefined ? otherwise : process.env[name] === 'true';

export const config = {
  port: Number(process.env.PORT ?? 3001),
  localJwtSecret: process.env.JWT_SECRET ?? 'local-service-token-secret',

  // Sign-in is hosted, the data comes from a stack of its own: two addresses.
  supabaseAuthUrl: process.env.SUPABASE_AUTH_URL,
  supabaseUrl: process.env.SUPABASE_URL,
  supabaseServiceKey: process.env.SUPABASE_SERVICE_KEY ?? 'service-role-key',

  heartbeatMs: Number(process.env.HEARTBEAT_MS ?? 3000),
  metricsMs: Number(process.env.METRICS_MS ?? 10000),
  ioredis: process.env.IOREDIS_PACKAGE ?? 'ioredis',
  redisPort: process.env.REDIS_PORT ? Number(process.env.REDIS_PORT) : null,
  waitForDatabase: flag('WAIT_FOR_DATABASE'),
  liveUpdates: flag('LIVE_UPDATES'),

  // The recommendations.
  mockMode: flag('MOCK_MODE'),
  expectedJwtFailureLevel: process.env.EXPECTED_JWT_FAILURE_LEVEL ?? 'error',
  verifierByIssuer: flag('VERIFIER_BY_ISSUER'),
  normaliseErrors: flag('NORMALISE_ERRORS'),
  throttleInit: flag('THROTTLE_INIT'),
  healthCheck503: flag('HEALTH_CHECK_503'),

  // How much of an error survives on its way to the log.
  serviceRewrapsErrors: flag('SERVICE_REWRAPS_ERRORS', true),
  logQueryErrors: flag('LOG_QUERY_ERRORS'),

  closeOnInitFailure: flag('CLOSE_ON_INIT_FAILURE', true),
  logInitialData: flag('LOG_INITIAL_DATA'),
  countersFile: process.env.LAB_COUNTERS_FILE ?? null,
};
