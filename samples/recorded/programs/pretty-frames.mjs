// pino through pino-pretty, beside a handler that prints the frames of the same error by itself, below each record.
import pino from 'pino'
import pretty from 'pino-pretty'

const log = pino({ base: { pid: 7712, hostname: 'api-1' } }, pretty({ colorize: false, sync: true }))

class AgentError extends Error {
  constructor (message, code) {
    super(message)
    this.name = 'AgentError'
    this.code = code
  }
}

const error = new AgentError('query failed', 'DATABASE_ERROR')
const frames = () => process.stdout.write(error.stack.split('\n').slice(1, 3).join('\n') + '\n')

for (const [fields, message] of [
  [{ error }, 'Failed to check for stale agents'],
  [{ code: 'DATABASE_ERROR', tables: ['agents'] }, 'Failed to read agents'],
  [{ error: {} }, 'Failed to initialize dashboard'],
  [{ err: error, userId: 'u-1842' }, 'Failed to load agents']
]) {
  log.error(fields, message)
  frames()
}
log.info('heartbeat done')
