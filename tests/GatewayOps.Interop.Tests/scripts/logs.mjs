import OpenAI from 'openai';
import { Cloudflare, account_id, all, assert, cloudflare, gatewayUrl, newGateway, refused } from './lib.mjs';

const logs = cloudflare.aiGateway.logs;
const gateway_id = 'logs';
await newGateway(gateway_id);

const openai = new OpenAI({ apiKey: 'sk-test', baseURL: `${gatewayUrl}/${gateway_id}/openai`, maxRetries: 0 });
for (let index = 0; index < 12; index++) {
  await openai.chat.completions.create(
    { model: index % 3 === 0 ? 'gpt-4o' : 'gpt-4o-mini', messages: [{ role: 'user', content: `question ${index}` }] },
    { headers: { 'cf-aig-metadata': JSON.stringify({ team: index < 6 ? 'eng' : 'ops' }) } },
  );
}

const rows = await all(logs.list(gateway_id, { account_id, per_page: 5 }));
assert.equal(rows.length, 12);
assert.equal(new Set(rows.map((row) => row.id)).size, 12);
const of = async (query) => (await all(logs.list(gateway_id, { account_id, per_page: 50, ...query }))).length;
assert.equal(await of({ filters: [{ key: 'model', operator: 'eq', value: ['gpt-4o'] }] }), 4);
assert.equal(await of({ filters: [{ key: 'metadata.value', operator: 'eq', value: ['eng'] }] }), 6);
assert.equal(await of({ model: 'gpt-4o-mini' }), 8);
assert.equal(await of({ start_date: '2001-01-01T00:00:00Z', end_date: '2001-01-02T00:00:00Z' }), 0);
const oldest = await all(logs.list(gateway_id, { account_id, order_by: 'created_at', order_by_direction: 'asc' }));
assert.deepEqual(oldest.map((row) => row.id), rows.map((row) => row.id).reverse());
const first = await logs.list(gateway_id, { account_id, meta_info: true });
assert.ok(first.result_info.total_count === 12 && first.result_info.max_tokens_in > 0, JSON.stringify(first.result_info));
await refused(logs.list(gateway_id, { account_id, per_page: 51 }), Cloudflare.BadRequestError, 7001);
await refused(logs.list('nowhere', { account_id }), Cloudflare.NotFoundError, 7002);

const id = rows[0].id;
const detail = await logs.get(id, { account_id, gateway_id });
assert.equal(detail.provider, 'openai');
assert.ok(detail.tokens_in > 0 && detail.request_head.includes('question 11'), JSON.stringify(detail));
assert.deepEqual(await logs.edit(id, { account_id, gateway_id, feedback: 1, score: 90, metadata: { reviewed: true } }), {});
const judged = await logs.get(id, { account_id, gateway_id });
assert.deepEqual(JSON.parse(judged.metadata), { reviewed: true });
assert.equal(judged.feedback, 1);
await refused(logs.edit(id, { account_id, gateway_id, score: 101 }), Cloudflare.BadRequestError, 7001);
assert.match(JSON.stringify(await logs.request(id, { account_id, gateway_id })), /question 11/);
assert.ok((await logs.response(id, { account_id, gateway_id })).choices.length > 0);
await refused(logs.get('01ARZ3NDEKTSV4RRFFQ69G5FAV', { account_id, gateway_id }), Cloudflare.NotFoundError, 7002);

// Several filters hold together, whatever their operators; each of the plain parameters is one more.
assert.equal(await of({ filters: [{ key: 'model', operator: 'eq', value: ['gpt-4o', 'gpt-4o-mini'] }, { key: 'metadata.value', operator: 'neq', value: ['eng'] }] }), 6);
assert.equal(await of({ filters: [{ key: 'model', operator: 'contains', value: ['mini'] }, { key: 'tokens_in', operator: 'gt', value: [0] }] }), 8);
assert.equal(await of({ filters: [{ key: 'success', operator: 'eq', value: [false] }] }), 0);
assert.equal(await of({ provider: 'openai', success: true, cached: false, min_tokens_in: 1 }), 12);
assert.equal(await of({ min_tokens_in: 1_000_000 }), 0);
assert.equal(await of({ feedback: 1 }), 1);
assert.equal(await of({ search: 'GPT-4o-MINI' }), 8);
await refused(logs.list(gateway_id, { account_id, filters: [{ key: 'nothing', operator: 'eq', value: ['x'] }] }), Cloudflare.BadRequestError, 7001);
await refused(logs.list(gateway_id, { account_id, filters: [{ key: 'model', operator: 'resembles', value: ['x'] }] }), Cloudflare.BadRequestError, 7001);

// Bodies that a request kept out of the log are not there to read.
await openai.chat.completions.create({ model: 'gpt-4o-audio', messages: [{ role: 'user', content: 'secret' }] }, { headers: { 'cf-aig-collect-log-payload': 'false' } });
const [bare] = await all(logs.list(gateway_id, { account_id, model: 'gpt-4o-audio' }));
await refused(logs.request(bare.id, { account_id, gateway_id }), Cloudflare.NotFoundError, 7002);
await refused(logs.response(bare.id, { account_id, gateway_id }), Cloudflare.NotFoundError, 7002);
await openai.chat.completions.create({ model: 'gpt-4o-audio', messages: [{ role: 'user', content: 'secret' }] }, { headers: { 'cf-aig-collect-log': 'false' } });
assert.equal(await of({ model: 'gpt-4o-audio' }), 1);
await logs.delete(gateway_id, { account_id, filters: [{ key: 'model', operator: 'eq', value: ['gpt-4o-audio'] }, { key: 'success', operator: 'eq', value: [false] }] });
assert.equal(await of({}), 13);
await logs.delete(gateway_id, { account_id, filters: [{ key: 'model', operator: 'eq', value: ['gpt-4o-audio'] }, { key: 'success', operator: 'eq', value: [true] }] });
assert.equal(await of({}), 12);
await refused(logs.delete('nowhere', { account_id }), Cloudflare.NotFoundError, 7002);

assert.equal((await logs.delete(gateway_id, { account_id, filters: [{ key: 'model', operator: 'eq', value: ['gpt-4o'] }] })).success, true);
assert.equal(await of({}), 8);
await logs.delete(gateway_id, { account_id, order_by: 'created_at', order_by_direction: 'asc', limit: 3 });
assert.equal(await of({}), 5);
await logs.delete(gateway_id, { account_id });
assert.equal(await of({}), 0);
console.log('done');
