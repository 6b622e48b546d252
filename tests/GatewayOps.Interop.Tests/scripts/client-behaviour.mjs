// What the TypeScript SDK does of itself: its retries, its time limit, a page asked for by hand, and an error class for each status.
import { Cloudflare, account_id, admin, all, assert, cloudflare, newGateway, plainGateway, received, refused } from './lib.mjs';

const path = `/accounts/${account_id}/ai-gateway/gateways`;
const fault = (more) => admin('PUT', 'management/fault', { path: `${path}*`, ...more });
const calm = () => admin('DELETE', 'management/fault');
// Two retries, as it comes.
const patient = new Cloudflare();
await newGateway('prod');

// Retry-After is waited for, and the second answer is the answer.
for (const status of [429, 503]) {
  await received('GET', path);
  await fault({ status, retryAfter: '1', times: 1 });
  const began = performance.now();
  assert.equal((await patient.aiGateway.get('prod', { account_id })).id, 'prod');
  assert.ok(performance.now() - began >= 990, `${status} was retried after ${performance.now() - began} ms`);
  assert.equal(await received('GET', path), 2);
}
await fault({ status: 429, retryAfter: '0.01' });
await refused(patient.aiGateway.get('prod', { account_id }), Cloudflare.RateLimitError);
assert.equal(await received('GET', path), 3);
await calm();

// A refusal that will not change is not asked for again.
await refused(patient.aiGateway.get('nowhere', { account_id }), Cloudflare.NotFoundError, 7002);
await refused(patient.aiGateway.create({ account_id, id: 'x', ...plainGateway, cache_ttl: -1 }), Cloudflare.BadRequestError, 7001);
assert.equal(await received('GET', path) + await received('POST', path), 1);

// A create whose answer is lost took effect, and the retry of the SDK meets what it made.
await fault({ method: 'POST', dropResponse: true, times: 1 });
await refused(patient.aiGateway.create({ account_id, id: 'lost', ...plainGateway }), Cloudflare.BadRequestError, 7001, /already exists/);
assert.equal((await cloudflare.aiGateway.get('lost', { account_id })).id, 'lost');
await calm();
await fault({ method: 'DELETE', dropResponse: true, times: 1 });
await assert.rejects(cloudflare.aiGateway.delete('lost', { account_id }), Cloudflare.APIConnectionError);
await refused(cloudflare.aiGateway.get('lost', { account_id }), Cloudflare.NotFoundError, 7002);
await calm();

// An error of the server without effect has none, one with effect has.
await fault({ method: 'POST', status: 504, times: 1 });
await refused(newGateway('early'), Cloudflare.InternalServerError);
await refused(cloudflare.aiGateway.get('early', { account_id }), Cloudflare.NotFoundError, 7002);
await fault({ method: 'POST', status: 504, effect: true, times: 1 });
await refused(newGateway('late'), Cloudflare.InternalServerError);
assert.equal((await cloudflare.aiGateway.delete('late', { account_id })).id, 'late');
await calm();

// Its own time limit, and one that the caller sets.
await fault({ delayMs: 2000, times: 1 });
await assert.rejects(cloudflare.aiGateway.get('prod', { account_id }, { timeout: 100 }), Cloudflare.APIConnectionTimeoutError);
await calm();
await fault({ delayMs: 2000, times: 1 });
await assert.rejects(cloudflare.aiGateway.get('prod', { account_id }, { signal: AbortSignal.timeout(100) }), Cloudflare.APIUserAbortError);
await calm();

for (const [status, type] of [
  [400, Cloudflare.BadRequestError], [401, Cloudflare.AuthenticationError], [403, Cloudflare.PermissionDeniedError], [404, Cloudflare.NotFoundError],
  [409, Cloudflare.ConflictError], [422, Cloudflare.UnprocessableEntityError], [429, Cloudflare.RateLimitError], [500, Cloudflare.InternalServerError],
]) {
  await fault({ method: 'PUT', status, times: 1 });
  await refused(cloudflare.aiGateway.update('prod', { account_id, ...plainGateway, cache_ttl: 60 }), type);
}
assert.equal((await cloudflare.aiGateway.get('prod', { account_id })).cache_ttl, 0);

// A page by hand: the one after the last is empty, which is how the SDK knows.
for (let index = 0; index < 10; index++) await newGateway(`gw-${index}`);
let page = await cloudflare.aiGateway.list({ account_id, per_page: 5 });
const sizes = [page.result.length];
while (page.hasNextPage()) sizes.push((page = await page.getNextPage()).result.length);
assert.deepEqual(sizes, [5, 5, 1, 0]);
assert.equal(page.result_info.total_count, 11);

// The budget of requests: its headers count down, and beyond it is a RateLimitError with the time to wait.
const budget = async () => {
  const { response } = await cloudflare.aiGateway.get('prod', { account_id }).withResponse();
  assert.match(response.headers.get('cf-ray'), /^[0-9a-f]{16}/);
  return Number(/r=(\d+)/.exec(response.headers.get('ratelimit'))[1]);
};
const left = await budget();
assert.equal(await budget(), left - 1);
const rest = await Promise.allSettled(Array.from({ length: left + 20 }, () => cloudflare.aiGateway.get('prod', { account_id })));
const over = rest.filter((one) => one.status === 'rejected').map((one) => one.reason);
assert.equal(over.length, 21);
assert.ok(over.every((error) => error instanceof Cloudflare.RateLimitError && Number(error.headers.get('retry-after')) > 0), String(over[0]));
await admin('POST', 'clock/advance', { seconds: 301 });
assert.equal((await all(cloudflare.aiGateway.list({ account_id }))).length, 11);
console.log('done');
