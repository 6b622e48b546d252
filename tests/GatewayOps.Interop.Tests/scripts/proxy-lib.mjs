// What the scripts of the proxy share: where it is, a token for it, and its provider's faults.
import assert from 'node:assert/strict';

export { assert };
export const baseURL = process.env.PROXY_URL;
export const apiKey = process.env.PROXY_TOKEN;
export const messages = [{ role: 'user', content: 'Hola, ¿qué es una pasarela? 网关 🚪' }];

/** The next calls to this provider fail like this. */
export async function fault(provider, what) {
  const response = await fetch(`${process.env.EMULATOR_URL}/_emulator/upstreams/${provider}/fault`, {
    method: 'PUT', body: JSON.stringify(what), headers: { 'content-type': 'application/json' },
  });
  assert.ok(response.ok, `${response.status} ${await response.text()}`);
}

/** The last request that a provider was sent. */
export async function received(provider) {
  const response = await fetch(`${process.env.EMULATOR_URL}/_emulator/upstreams/${provider}`);
  return (await response.json()).recorded.at(-1);
}

/** The proxy's records, newest first, once there are so many. */
export async function records(count) {
  for (let tries = 0; ; tries++) {
    const response = await fetch(`${baseURL.replace(/\/v1$/, '')}/api/v1/requests?limit=200`, { headers: { authorization: `Bearer ${process.env.OPERATOR_TOKEN}` } });
    const { requests } = await response.json();
    if (requests.length >= count) return requests;
    assert.ok(tries < 100, `${requests.length} of ${count} records`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
