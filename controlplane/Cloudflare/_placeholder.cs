namespace GatewayOps.Cloudflare;
