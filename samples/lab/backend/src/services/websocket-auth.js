import { config } from '../config.js';
import { forLog } from '../lib/normalise-error.js';
import { supabaseAuth } from './supabase.js';

/**
 * Dashboards sign in with Supabase's tokens, services with tokens of our own.
 * The local verifier goes first, so a dashboard's token always fails it once.
 */
export class EnhancedWebSocketAuth {
  constructor(fastify) {
    this.fastify = fastify;
    this.log = fastify.log;
    this.managed = new Map();
  }

  async validateToken(token, connectionId) {
    if (config.verifierByIssuer && this.#issuedBySupabase(token)) {
      return this.#validateWithSupabase(token, connectionId);
    }
    try {
      const claims = this.#verifyLocally(token, connectionId);
      return this.#register(claims.sub, connectionId);
    } catch (error) {
      this.log[config.expectedJwtFailureLevel](
        { connectionId, error: forLog(error) },
        'Token validation failed, trying Supabase',
      );
      return this.#validateWithSupabase(token, connectionId);
    }
  }

  release(connectionId) {
    this.managed.delete(connectionId);
  }

  #verifyLocally(token, connectionId) {
    try {
      return this.fastify.jwt.verify(token);
    } catch (err) {
      this.log[config.expectedJwtFailureLevel]({ connectionId, err }, 'Fastify JWT verification failed');
      throw err;
    }
  }

  async #validateWithSupabase(token, connectionId) {
    const { data, error } = await supabaseAuth.auth.getUser(token);
    if (error) {
      this.log.error({ connectionId, err: error }, 'Supabase token verification failed');
      throw error;
    }
    return this.#register(data.user.id, connectionId);
  }

  #issuedBySupabase(token) {
    const decoded = this.fastify.jwt.decode(token);
    return decoded?.iss?.endsWith('/auth/v1') ?? false;
  }

  #register(userId, connectionId) {
    this.managed.set(connectionId, { userId, since: Date.now() });
    this.log.info({ userId, connectionId }, 'Token registered for management');
    return { userId };
  }
}
