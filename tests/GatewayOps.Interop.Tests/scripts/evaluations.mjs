import OpenAI from 'openai';
import { Cloudflare, account_id, all, assert, cloudflare, gatewayUrl, newGateway, refused } from './lib.mjs';

const { datasets, evaluations, evaluationTypes, logs } = cloudflare.aiGateway;
const gateway_id = 'prod';
await newGateway(gateway_id);
const openai = new OpenAI({ apiKey: 'sk-test', baseURL: `${gatewayUrl}/${gateway_id}/openai`, maxRetries: 0 });
for (const model of ['gpt-4o', 'gpt-4o', 'gpt-4o-mini']) await openai.chat.completions.create({ model, messages: [{ role: 'user', content: 'hello' }] });
const [row] = await all(logs.list(gateway_id, { account_id, model: 'gpt-4o' }));
await logs.edit(row.id, { account_id, gateway_id, feedback: 1 });

const filters = [{ key: 'model', operator: 'eq', value: ['gpt-4o'] }];
const dataset = await datasets.create(gateway_id, { account_id, name: 'large', enable: true, filters });
assert.deepEqual((await datasets.get(dataset.id, { account_id, gateway_id })).filters, filters);
await refused(datasets.create(gateway_id, { account_id, name: 'large', enable: true, filters }), Cloudflare.BadRequestError, 7001, /already exists/);
await refused(
  datasets.create(gateway_id, { account_id, name: 'odd', enable: true, filters: [{ key: 'model', operator: 'neq', value: ['x'] }] }),
  Cloudflare.BadRequestError, 7001);
for (let index = 0; index < 3; index++) await datasets.create(gateway_id, { account_id, name: `d${index}`, enable: false, filters: [] });
assert.equal((await all(datasets.list(gateway_id, { account_id, per_page: 2 }))).length, 4);
assert.deepEqual((await all(datasets.list(gateway_id, { account_id, enable: true }))).map((one) => one.name), ['large']);
assert.equal((await datasets.update(dataset.id, { account_id, gateway_id, name: 'larger', enable: true, filters })).name, 'larger');

const small = [{ key: 'model', operator: 'eq', value: ['gpt-4o-mini'] }];
const other = (await all(datasets.list(gateway_id, { account_id, name: 'd1' })))[0];
await datasets.update(other.id, { account_id, gateway_id, name: 'd1', enable: true, filters: small });
const overwritten = await datasets.get(other.id, { account_id, gateway_id });
assert.deepEqual([overwritten.enable, overwritten.filters], [true, small]);
await refused(datasets.update(other.id, { account_id, gateway_id, name: 'larger', enable: true, filters }), Cloudflare.BadRequestError, 7001, /already exists/);

const types = await all(evaluationTypes.list({ account_id }));
assert.ok(types.some((type) => type.mandatory));
const wish = { account_id, name: 'weekly', dataset_ids: [dataset.id], evaluation_type_ids: types.map((type) => type.id) };
const evaluation = await evaluations.create(gateway_id, wish);
assert.equal(evaluation.processed, false);
await refused(evaluations.create(gateway_id, wish), Cloudflare.BadRequestError, 7001, /already exists/);
const processed = await evaluations.get(evaluation.id, { account_id, gateway_id });
assert.equal(processed.processed, true);
assert.equal(processed.total_logs, 2);
const feedback = processed.results.find((result) => types.find((type) => type.id === result.evaluation_type_id).type === 'human_feedback');
assert.equal(feedback.result, '100');
assert.equal(feedback.total_logs, 1);
const descending = await all(evaluationTypes.list({ account_id, order_by: 'name', order_by_direction: 'desc', per_page: 5 }));
assert.deepEqual(descending.map((type) => type.name), types.map((type) => type.name).sort().reverse());
await refused(evaluations.create(gateway_id, { ...wish, name: 'odd', dataset_ids: ['nothing'] }), Cloudflare.NotFoundError, 7002);
await evaluations.create(gateway_id, { ...wish, name: 'small', dataset_ids: [other.id] });
assert.deepEqual((await all(evaluations.list(gateway_id, { account_id, search: 'small' }))).map((one) => one.name), ['small']);
const last = await evaluations.delete((await all(evaluations.list(gateway_id, { account_id, name: 'small' })))[0].id, { account_id, gateway_id });
assert.equal(last.name, 'small');
assert.deepEqual((await all(evaluations.list(gateway_id, { account_id, processed: true }))).map((one) => one.name), ['weekly']);
assert.equal((await all(evaluations.list('nowhere', { account_id }))).length, 0);

assert.equal((await evaluations.delete(evaluation.id, { account_id, gateway_id })).name, 'weekly');
await refused(evaluations.get(evaluation.id, { account_id, gateway_id }), Cloudflare.NotFoundError, 7002);
assert.equal((await datasets.delete(dataset.id, { account_id, gateway_id })).name, 'larger');
await refused(datasets.get(dataset.id, { account_id, gateway_id }), Cloudflare.NotFoundError, 7002);
await refused(datasets.list('nowhere', { account_id }), Cloudflare.NotFoundError, 7002);
console.log('done');
