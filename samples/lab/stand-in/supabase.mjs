import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { verify } from './tokens.mjs';

/**
 * Stands in for Supabase's HTTP answers, with its real error bodies: GoTrue on
 * one port (the hosted sign-in) and PostgREST on another (the data's own stack).
 * `break(mode)` and `heal()` are its cues; it counts what it was asked.
 */

const postgrest = (status, code, message, hint = null) => ({ status, body: { code, details: null, hint, message } });

/** mode -> what PostgREST, or the gateway before it, answers to any query on `agents`. */
const DATA_FAULTS = {
  'column-missing': postgrest(400, '42703', 'column agents.last_heartbeat does not exist'),
  'rls-refused': postgrest(403, '42501', 'permission denied for table agents'),
  'invalid-key': {
    status: 401,
    body: { message: 'Invalid API key', hint: 'Double check your Supabase `anon` or `service_role` API key.' },
  },
  'pool-timeout': {
    ...postgrest(504, 'PGRST003', 'Timed out acquiring connection from connection pool.'),
    delayMs: 600,
  },
  starting: postgrest(503, 'PGRST002', 'Could not query the database for the schema cache. Retrying.'),
};

const EVENTS_MISSING = {
  ...postgrest(
    404,
    'PGRST205',
    "Could not find the table 'public.agent_events' in the schema cache",
    "Perhaps you meant the table 'public.agents'",
  ),
  delayMs: 150,
};

const RATE_LIMITED = {
  status: 429,
  headers: { 'retry-after': '10' },
  body: { code: 429, error_code: 'over_request_rate_limit', msg: 'Request rate limit reached' },
};

const BAD_JWT = {
  status: 403,
  body: { code: 403, error_code: 'bad_jwt', msg: 'invalid JWT: unable to parse or verify signature' },
};

export class SupabaseStandIn {
  constructor({ authPort, restPort, agents = 3, brokenRowOf = null, say = () => {} }) {
    Object.assign(this, { authPort, restPort, brokenRowOf, say });
    this.mode = 'ok';
    this.counts = { requests: 0, failures: 0, by_status: {} };
    this.agents = Array.from({ length: agents }, (_, i) => agentRow(i));
    this.auth = this.#server((request) => this.#answerAuth(request), [70, 140], 'auth');
    this.rest = this.#server((request) => this.#answerRest(request), [4, 12], 'rest');
  }

  get issuer() {
    return `http://127.0.0.1:${this.authPort}/auth/v1`;
  }

  async start(mode = 'ok') {
    await listen(this.auth, this.authPort);
    this.say('auth API started');
    await listen(this.rest, this.restPort);
    this.say('rest API started');
    if (mode !== 'ok') await this.break(mode);
  }

  async break(mode) {
    this.mode = mode;
    if (mode === 'down') {
      await close(this.rest);
      this.say('rest API stopped');
    }
  }

  async heal() {
    if (this.mode === 'down') {
      await listen(this.rest, this.restPort);
      this.say('rest API started');
    }
    this.mode = 'ok';
    return new Date().toISOString();
  }

  async stop() {
    await Promise.all([close(this.auth), close(this.rest)]);
  }

  #server(answer, [fastest, slowest], name) {
    return createServer(async (request, response) => {
      const { status, body, headers, delayMs = 0 } = answer(request);
      await sleep(delayMs + fastest + Math.random() * (slowest - fastest));
      this.counts.requests += 1;
      if (status >= 400) this.counts.failures += 1;
      this.counts.by_status[status] = (this.counts.by_status[status] ?? 0) + 1;
      response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers });
      response.end(JSON.stringify(body));
      this.say(`${name} API ${request.method} ${request.url.split('?')[0]} ${status}`);
    });
  }

  #answerAuth(request) {
    if (this.mode === 'rate-limited') return RATE_LIMITED;
    const claims = verify(request.headers.authorization?.replace('Bearer ', '') ?? '');
    if (!claims) return BAD_JWT;
    return { status: 200, body: userRecord(claims) };
  }

  #answerRest(request) {
    const { pathname, searchParams } = new URL(request.url, 'http://stand-in');
    if (pathname === '/rest/v1/agent_events') {
      return this.mode === 'events-missing' ? EVENTS_MISSING : { status: 200, body: [] };
    }
    if (DATA_FAULTS[this.mode]) return DATA_FAULTS[this.mode];
    if (searchParams.has('last_heartbeat')) return { status: 200, body: [] }; // stale agents: none
    if (this.mode === 'null-capabilities' && searchParams.get('user_id') === `eq.${this.brokenRowOf}`) {
      return { status: 200, body: this.agents.map((row, i) => (i === 1 ? { ...row, capabilities: null } : row)) };
    }
    return { status: 200, body: this.agents };
  }
}

function agentRow(i) {
  return {
    id: `agent-${String(i + 1).padStart(3, '0')}`,
    name: ['builder', 'tester', 'reviewer', 'deployer'][i % 4] + `-${i + 1}`,
    status: 'online',
    last_heartbeat: new Date().toISOString(),
    capabilities: { commands: ['run', 'stop', 'status'], languages: ['typescript', 'python'] },
    config: { maxParallel: 4, workspace: `/srv/agents/${i + 1}`, labels: { tier: 'standard', region: 'eu-central-1' } },
  };
}

function userRecord({ sub, email, aud, role }) {
  const at = '2025-10-02T08:15:30.123456Z';
  return {
    id: sub,
    aud,
    role,
    email,
    email_confirmed_at: at,
    phone: '',
    confirmed_at: at,
    last_sign_in_at: at,
    app_metadata: { provider: 'email', providers: ['email'] },
    user_metadata: { email_verified: true },
    identities: [],
    created_at: at,
    updated_at: at,
    is_anonymous: false,
  };
}

const listen = (server, port) =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });

const close = (server) =>
  new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
