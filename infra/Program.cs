using GatewayOps.Infra;
using Pulumi;

return await Deployment.RunAsync<GatewayStack>();
