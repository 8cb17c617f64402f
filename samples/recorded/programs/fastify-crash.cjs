// a service that listens, then can't reach what it needs, and ends: as a container with a restart policy does
const { setTimeout: wait } = require('node:timers/promises');
const net = require('node:net');
const app = require('fastify')({ logger: true });
app.get('/health', async () => ({ ok: true }));
const connect = () => new Promise((ok, no) => { const s = net.connect(5, '127.0.0.1', () => ok(s)); s.on('error', no); });
process.on('uncaughtException', (err) => { app.log.fatal({ err }, 'uncaught exception'); process.exit(1); });
(async () => { await app.listen({ port: 3999 }); await wait(30); await connect(); })().catch((err) => { throw err; });
