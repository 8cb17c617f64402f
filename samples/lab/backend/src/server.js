import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import fastifyJwt from '@fastify/jwt';
import fastifyWebsocket from '@fastify/websocket';
import Fastify from 'fastify';
import pino from 'pino';
import { config } from './config.js';
import { forLog } from './lib/normalise-error.js';
import { AgentModel } from './models/agent.js';
import { routes } from './routes.js';
import { AgentHeartbeatMonitor } from './services/agent-heartbeat-monitor.js';
import { AgentService } from './services/agent-service.js';
import { CommandQueue } from './services/command-queue.js';
import { DatabaseHealth } from './services/database-health.js';
import { InitThrottle } from './services/init-throttle.js';
import { Metrics } from './services/metrics.js';
import { upstreamLog } from './services/supabase.js';
import { EnhancedWebSocketAuth } from './services/websocket-auth.js';
import { DashboardHandler } from './websocket/dashboard-handler.js';

console.log('\n> api@1.4.2 start\n> node src/server.js\n');

const fastify = Fastify({
  logger: {
    level: process.env.LOG_LEVEL ?? 'info',
    base: { pid: process.pid, hostname: 'api-1' },
    serializers: config.normaliseErrors ? { error: pino.stdSerializers.err } : {},
  },
});
upstreamLog.log = fastify.log;

const model = new AgentModel(fastify.log);
const agentService = new AgentService(model);
const heartbeat = new AgentHeartbeatMonitor(model, fastify.log, config.heartbeatMs);
const health = config.healthCheck503 ? new DatabaseHealth(model, fastify.log) : null;
const queue = config.redisPort ? new CommandQueue(config.redisPort, fastify.log) : null;
const metrics = new Metrics(config.metricsMs, () => fastify.websocketServer.clients.size);

await fastify.register(fastifyJwt, { secret: config.localJwtSecret });
await fastify.register(fastifyWebsocket);

const dashboards = new DashboardHandler({
  log: fastify.log,
  auth: new EnhancedWebSocketAuth(fastify),
  agentService,
  throttle: config.throttleInit ? new InitThrottle() : null,
});
const refuseWhileDegraded = async (_request, reply) => {
  if (health?.degraded) return reply.code(503).header('retry-after', '5').send({ error: 'database degraded' });
};
fastify.get('/ws', { websocket: true, onRequest: refuseWhileDegraded }, (socket, request) =>
  dashboards.handleConnection(socket, request),
);
routes(fastify, { agentService, queue, health });

let startupFailures = 0;
async function databaseIsUp() {
  for (let attempt = 1; ; attempt++) {
    try {
      await model.findStale(new Date(0));
      fastify.log.info({ attempt }, 'Database ready');
      return;
    } catch (error) {
      startupFailures += 1;
      const retryInMs = attempt * 500;
      fastify.log.warn({ attempt, retryInMs, err: forLog(error) }, 'Database not ready, retrying');
      await sleep(retryInMs);
    }
  }
}

if (config.waitForDatabase) await databaseIsUp();
await health?.start();
await fastify.listen({ port: config.port, host: '127.0.0.1' });
heartbeat.start();
metrics.start();
console.log(`WebSocket endpoint ready on /ws (heartbeat every ${config.heartbeatMs} ms)`);

process.on('SIGTERM', async () => {
  heartbeat.stop();
  health?.stop();
  metrics.stop();
  queue?.close();
  await fastify.close();
  if (config.countersFile) {
    writeFileSync(config.countersFile, JSON.stringify({ startupFailures, redisLost: queue?.lost ?? null, redisReady: queue?.ready ?? null }));
  }
  console.log('bye');
  process.exit(0);
});
