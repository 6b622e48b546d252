// What the scripts share: the official client, set up by its own environment variables alone, and a few words for expectations.
import assert from 'node:assert/strict';
import Cloudflare from 'cloudflare';

export { assert, Cloudflare };
export const account_id = process.env.CLOUDFLARE_ACCOUNT_ID;
export const gatewayUrl = process.env.GATEWAY_URL;

// Retries would hide a wrong answer.
export const cloudflare = new Cloudflare({ maxRetries: 0 });

/** A list to its end, page by page, as the client's iterator does it. */
export async function all(list) {
  const items = [];
  for await (const item of list) items.push(item);
  return items;
}

/** The call fails with this class of the client's errors, and with this code and message in its body. */
export async function refused(call, type, code, message) {
  const error = await call.then(
    () => assert.fail(`expected ${type.name}`),
    (thrown) => thrown,
  );
  assert.equal(error.constructor.name, type.name, String(error));
  const first = error.errors?.[0] ?? error.error?.errors?.[0];
  if (code !== undefined) assert.equal(first?.code, code, JSON.stringify(error.error));
  if (message !== undefined) assert.match(first?.message ?? '', message);
  return first;
}

/** The smallest gateway that the types allow. */
export const plainGateway = {
  cache_invalidate_on_update: false,
  cache_ttl: 0,
  collect_logs: true,
  rate_limiting_interval: 0,
  rate_limiting_limit: 0,
};

export const newGateway = (id, more = {}) => cloudflare.aiGateway.create({ account_id, id, ...plainGateway, ...more });

/** The emulator's own admin API: faults, the clock, what was received. */
export async function admin(method, path, body) {
  const response = await fetch(`${process.env.EMULATOR_URL}/_emulator/${path}`, {
    method, body: body && JSON.stringify(body), headers: body && { 'content-type': 'application/json' },
  });
  assert.ok(response.ok, `${method} ${path}: ${response.status} ${await response.clone().text()}`);
  return response.headers.get('content-type')?.includes('json') ? await response.json() : undefined;
}

/** How many management requests of a method there were since the last time. */
export async function received(method, part) {
  const { requests } = await admin('GET', 'management/requests');
  await admin('DELETE', 'management/requests');
  return requests.filter((one) => one.method === method && one.path.includes(part)).length;
}
