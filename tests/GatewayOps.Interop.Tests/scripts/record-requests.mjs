// What the official client sends for each operation, as one JSON array on stdout: nothing is sent anywhere.
// argv[2]: sample-requests.json, whose queries and bodies go into the calls.
import { readFileSync } from 'node:fs';
import Cloudflare from 'cloudflare';

const samples = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const recorded = [];
let current;

const cloudflare = new Cloudflare({
  apiToken: 'recorder', maxRetries: 0, baseURL: 'http://recorder.invalid/client/v4',
  fetch: async (url, init) => {
    const { pathname, searchParams } = new URL(url);
    recorded.push({
      operation: current,
      method: init.method.toUpperCase(),
      path: pathname.slice('/client/v4'.length),
      query: [...searchParams],
      body: init.body == null ? null : JSON.parse(init.body),
    });
    return new Response(JSON.stringify({ success: true, errors: [], messages: [], result: [] }), { headers: { 'content-type': 'application/json' } });
  },
});

const account_id = 'acc';
const gateway_id = 'gw';
const inAccount = { account_id };
const inGateway = { account_id, gateway_id };
const ai = cloudflare.aiGateway;
const routing = ai.dynamicRouting;
const stores = cloudflare.secretsStore.stores;
const inStore = { account_id, store_id: 'store-1' };
const tokens = cloudflare.accounts.tokens;
const mine = cloudflare.user.tokens;

// The sample of the operation goes in behind the path's parameters.
const calls = {
  listGateways: (s) => ai.list({ ...inAccount, ...s }),
  createGateway: (s) => ai.create({ ...inAccount, ...s }),
  getGateway: () => ai.get('gw', inAccount),
  updateGateway: (s) => ai.update('gw', { ...inAccount, ...s }),
  deleteGateway: () => ai.delete('gw', inAccount),
  getGatewayUrl: () => ai.urls.get('openai', inGateway),
  listLogs: (s) => ai.logs.list('gw', { ...inAccount, ...s }),
  deleteLogs: (s) => ai.logs.delete('gw', { ...inAccount, ...s }),
  getLog: () => ai.logs.get('log-1', inGateway),
  patchLog: (s) => ai.logs.edit('log-1', { ...inGateway, ...s }),
  getLogRequest: () => ai.logs.request('log-1', inGateway),
  getLogResponse: () => ai.logs.response('log-1', inGateway),
  listProviderConfigs: (s) => ai.providerConfigs.list('gw', { ...inAccount, ...s }),
  createProviderConfig: (s) => ai.providerConfigs.create('gw', { ...inAccount, ...s }),
  listCustomProviders: (s) => ai.customProviders.list({ ...inAccount, ...s }),
  createCustomProvider: (s) => ai.customProviders.create({ ...inAccount, ...s }),
  getCustomProvider: () => ai.customProviders.get('id-1', inAccount),
  deleteCustomProvider: () => ai.customProviders.delete('id-1', inAccount),
  listRoutes: (s) => routing.list('gw', { ...inAccount, ...s }),
  createRoute: (s) => routing.create('gw', { ...inAccount, ...s }),
  getRoute: () => routing.get('route-1', inGateway),
  renameRoute: (s) => routing.update('route-1', { ...inGateway, ...s }),
  deleteRoute: () => routing.delete('route-1', inGateway),
  listRouteVersions: () => routing.listVersions('route-1', inGateway),
  createRouteVersion: (s) => routing.createVersion('route-1', { ...inGateway, ...s }),
  getRouteVersion: () => routing.getVersion('version-1', { ...inGateway, id: 'route-1' }),
  listRouteDeployments: () => routing.listDeployments('route-1', inGateway),
  deployRoute: (s) => routing.createDeployment('route-1', { ...inGateway, ...s }),
  listDatasets: (s) => ai.datasets.list('gw', { ...inAccount, ...s }),
  createDataset: (s) => ai.datasets.create('gw', { ...inAccount, ...s }),
  getDataset: () => ai.datasets.get('id-1', inGateway),
  updateDataset: (s) => ai.datasets.update('id-1', { ...inGateway, ...s }),
  deleteDataset: () => ai.datasets.delete('id-1', inGateway),
  listEvaluations: (s) => ai.evaluations.list('gw', { ...inAccount, ...s }),
  createEvaluation: (s) => ai.evaluations.create('gw', { ...inAccount, ...s }),
  getEvaluation: () => ai.evaluations.get('id-1', inGateway),
  deleteEvaluation: () => ai.evaluations.delete('id-1', inGateway),
  listEvaluationTypes: (s) => ai.evaluationTypes.list({ ...inAccount, ...s }),
  getCreditBalance: () => ai.billing.creditBalance(inAccount),
  getInvoiceHistory: (s) => ai.billing.invoiceHistory({ ...inAccount, ...s }),
  getInvoicePreview: () => ai.billing.invoicePreview(inAccount),
  getUsageHistory: (s) => ai.billing.usageHistory({ ...inAccount, ...s }),
  getSpendingLimit: () => ai.billing.spendingLimit.get(inAccount),
  createSpendingLimit: (s) => ai.billing.spendingLimit.create({ ...inAccount, ...s }),
  deleteSpendingLimit: () => ai.billing.spendingLimit.delete(inAccount),
  createTopup: (s) => ai.billing.topup.create({ ...inAccount, ...s }),
  getTopupStatus: (s) => ai.billing.topup.status({ ...inAccount, ...s }),
  getTopupConfig: () => ai.billing.topup.config.get(inAccount),
  setTopupConfig: (s) => ai.billing.topup.config.create({ ...inAccount, ...s }),
  deleteTopupConfig: () => ai.billing.topup.config.delete(inAccount),
  getSecretsQuota: () => cloudflare.secretsStore.quota.get(inAccount),
  listStores: (s) => stores.list({ ...inAccount, ...s }),
  createStore: (s) => stores.create({ ...inAccount, ...s }),
  getStore: () => stores.get('store-1', inAccount),
  deleteStore: (s) => stores.delete('store-1', { ...inAccount, ...s }),
  listSecrets: (s) => stores.secrets.list('store-1', { ...inAccount, ...s }),
  createSecrets: (s) => stores.secrets.create('store-1', { ...inAccount, body: s }),
  bulkDeleteSecrets: () => stores.secrets.bulkDelete('store-1', inAccount),
  getSecret: () => stores.secrets.get('secret-1', inStore),
  editSecret: (s) => stores.secrets.edit('secret-1', { ...inStore, ...s }),
  deleteSecret: () => stores.secrets.delete('secret-1', inStore),
  duplicateSecret: (s) => stores.secrets.duplicate('secret-1', { ...inStore, ...s }),
  listAccountTokens: (s) => tokens.list({ ...inAccount, ...s }),
  createAccountToken: (s) => tokens.create({ ...inAccount, ...s }),
  verifyAccountToken: () => tokens.verify(inAccount),
  listAccountPermissionGroups: (s) => tokens.permissionGroups.list({ ...inAccount, ...s }),
  getAccountToken: () => tokens.get('token-1', inAccount),
  updateAccountToken: (s) => tokens.update('token-1', { ...inAccount, ...s }),
  deleteAccountToken: () => tokens.delete('token-1', inAccount),
  rollAccountToken: (s) => tokens.value.update('token-1', { ...inAccount, body: s }),
  listUserTokens: (s) => mine.list(s),
  createUserToken: (s) => mine.create(s),
  verifyUserToken: () => mine.verify(),
  listUserPermissionGroups: (s) => mine.permissionGroups.list(s),
  getUserToken: () => mine.get('token-1'),
  updateUserToken: (s) => mine.update('token-1', s),
  deleteUserToken: () => mine.delete('token-1'),
  rollUserToken: () => mine.value.update('token-1'),
};

for (const [operation, call] of Object.entries(calls)) {
  current = operation;
  const sample = samples[operation] ?? {};
  await call(Array.isArray(sample.body) ? sample.body : { ...sample.query, ...sample.body });
  if (recorded.at(-1)?.operation !== operation) throw new Error(`${operation} sent nothing`);
}
console.log(`[\n${recorded.map((request) => `  ${JSON.stringify(request)}`).join(',\n')}\n]`);
