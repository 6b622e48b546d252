// Every setting of a gateway that the SDK can write does what it says to the next request, and is gone with a PUT that leaves it out.
import OpenAI from 'openai';
import { Cloudflare, account_id, admin, all, assert, cloudflare, gatewayUrl, newGateway, plainGateway, refused } from './lib.mjs';

const gateways = cloudflare.aiGateway;
const ask = (content = 'hello', headers = {}) => new OpenAI({ apiKey: 'sk-test', baseURL: `${gatewayUrl}/prod/openai`, maxRetries: 0 })
  .chat.completions.create({ model: 'gpt-4o-mini', messages: [{ role: 'user', content }] }, { headers });
const made = await newGateway('prod');
/** Refused with the setting, answered without it. */
async function stops(setting, call, status) {
  await gateways.update('prod', { account_id, ...plainGateway, ...setting });
  await assert.rejects(call(), (error) => error.status === status || assert.fail(`${JSON.stringify(setting)}: ${error}`));
  assert.deepEqual({ ...(await gateways.update('prod', { account_id, ...plainGateway })), modified_at: '' }, { ...made, modified_at: '' });
  assert.ok((await call()).id);
}

await stops({ authentication: true }, () => ask(), 401);
await stops({ guardrails: { prompt: { S1: 'BLOCK' }, response: {} } }, () => ask('unsafe-S1'), 424);
await stops({ dlp: { enabled: true, action: 'BLOCK', profiles: ['any'] } }, () => ask('write to jane@example.com'), 424);
await stops({ byok_only: true }, () => ask('hello', { Authorization: null, 'cf-aig-authorization': `Bearer ${process.env.CLOUDFLARE_API_TOKEN}` }), 400);

// Attempts of the gateway itself: one request, and a row for each attempt.
await gateways.update('prod', { account_id, ...plainGateway, retry_max_attempts: 3, retry_delay: 10, retry_backoff: 'constant' });
await gateways.logs.delete('prod', { account_id });
await admin('PUT', 'upstreams/openai/fault', { status: 500, times: 2 });
assert.ok((await ask()).id);
assert.deepEqual((await all(gateways.logs.list('prod', { account_id }))).map((row) => row.status_code).sort(), [200, 500, 500]);

// Without a log the request is answered, and leaves no row.
await gateways.update('prod', { account_id, ...plainGateway, collect_logs: false });
await ask('unseen');
assert.equal((await all(gateways.logs.list('prod', { account_id }))).length, 3);

// Money: beyond the limit of the window nothing more is bought, and the next window begins anew.
await gateways.update('prod', { account_id, ...plainGateway, spend_limits: { enabled: true, rules: [{ limit: 0.000001, limitType: 'cost', window: 3600, technique: 'fixed' }] } });
await ask();
await assert.rejects(ask(), OpenAI.RateLimitError);
await admin('POST', 'clock/advance', { seconds: 3601 });
assert.ok((await ask()).id);

for (const wrong of [
  { retry_max_attempts: 6 }, { retry_delay: 60001 }, { retry_backoff: 'random' }, { rate_limiting_technique: 'none' }, { log_management: 9999 },
  { guardrails: { prompt: { S1: 'DENY' }, response: {} } }, { otel: [{ url: 'https://otel.example.com', headers: {}, content_type: 'xml' }] }, { workers_ai_billing_mode: 'free' },
])
  await refused(gateways.update('prod', { account_id, ...plainGateway, ...wrong }), Cloudflare.BadRequestError, 7001);
assert.equal((await gateways.get('prod', { account_id })).spend_limits.rules.length, 1);
console.log('done');
