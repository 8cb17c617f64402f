import { config } from '../config.js';
import { supabaseData } from '../services/supabase.js';

export class AgentError extends Error {
  constructor(message, code, cause) {
    super(message, { cause }); // `cause` is not enumerable: JSON never shows it
    this.code = code;
    this.name = 'AgentError';
  }
}

const MOCK_AGENTS = [
  { id: 'mock-1', name: 'mock agent', status: 'online', last_heartbeat: null, capabilities: { commands: ['ping'] } },
];

/** The only door to the agents table. */
export class AgentModel {
  constructor(log) {
    this.log = log;
  }

  async findAll({ user_id } = {}) {
    if (config.mockMode) return MOCK_AGENTS;
    // A sign-in must not wait the seven seconds of postgrest-js's own three retries.
    let query = supabaseData.from('agents').select('id,name,status,last_heartbeat,capabilities,config').retry(false);
    if (user_id) query = query.eq('user_id', user_id);
    const { data, error, status } = await query;
    if (error) this.#fail('Failed to fetch agents', error, status);
    return data;
  }

  async findStale(before) {
    if (config.mockMode) return [];
    const { data, error, status } = await supabaseData
      .from('agents')
      .select('id,name,last_heartbeat')
      .retry(false)
      .eq('status', 'online')
      .lt('last_heartbeat', before.toISOString());
    if (error) this.#fail('Failed to fetch stale agents', error, status);
    return data;
  }

  async subscribeToEvents({ user_id }) {
    const { error, status } = await supabaseData
      .from('agent_events')
      .select('id')
      .retry(false)
      .eq('user_id', user_id)
      .limit(1);
    if (error) this.#fail('Failed to read agent events', error, status);
  }

  #fail(message, error, status) {
    if (config.logQueryErrors) {
      const { code, details, hint, message: text } = error;
      this.log.error({ code, details, hint, message: text, status }, 'Supabase query failed');
    }
    throw new AgentError(message, 'DATABASE_ERROR', error);
  }
}
