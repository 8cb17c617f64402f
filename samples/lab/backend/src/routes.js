import { config } from './config.js';

/** Ordinary HTTP traffic: services call these with tokens of our own making. */
export function routes(fastify, { agentService, queue, health }) {
  const authenticated = { onRequest: (request) => request.jwtVerify() };

  fastify.get('/healthz', async (_request, reply) => {
    if (config.healthCheck503 && health.degraded) reply.code(503);
    return { status: health?.degraded ? 'degraded' : 'ok' };
  });

  fastify.get('/api/agents', authenticated, async (request, reply) => {
    try {
      return await agentService.listAgents();
    } catch (err) {
      request.log.error({ err }, 'Failed to list agents');
      return reply.code(500).send({ error: 'agents unavailable' });
    }
  });

  fastify.post('/api/commands', authenticated, async (request, reply) => {
    await queue?.push(request.body);
    return reply.code(202).send({ accepted: true });
  });
}
