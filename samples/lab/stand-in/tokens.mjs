import { createHmac } from 'node:crypto';

// The stand-in's own secret: the backend's local secret can never match it.
const SUPABASE_JWT_SECRET = 'super-secret-jwt-token-with-at-least-32-characters-long';

const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
const hmac = (text, secret) => createHmac('sha256', secret).update(text).digest('base64url');

export function sign(claims, secret = SUPABASE_JWT_SECRET) {
  const body = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(claims)}`;
  return `${body}.${hmac(body, secret)}`;
}

/** The claims of a token that this stand-in signed, or null. */
export function verify(token) {
  const [header, payload, signature] = token.split('.');
  if (!signature || hmac(`${header}.${payload}`, SUPABASE_JWT_SECRET) !== signature) return null;
  return JSON.parse(Buffer.from(payload, 'base64url'));
}

/** An access token as GoTrue issues it. */
export function accessToken(user, issuer) {
  const now = Math.floor(Date.now() / 1000);
  return sign({
    iss: issuer,
    sub: user.id,
    aud: 'authenticated',
    exp: now + 3600,
    iat: now,
    email: user.email,
    role: 'authenticated',
  });
}
