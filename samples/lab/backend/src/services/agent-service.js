import { config } from '../config.js';

export class AgentService {
  constructor(model) {
    this.model = model;
  }

  async listAgents(filter) {
    try {
      return await this.model.findAll(filter);
    } catch (error) {
      // The layer between: well meant, and the reason why the log shows `{}`.
      if (config.serviceRewrapsErrors) throw new Error('could not load agents', { cause: error });
      throw error;
    }
  }

  subscribe(filter) {
    return this.model.subscribeToEvents(filter);
  }
}
