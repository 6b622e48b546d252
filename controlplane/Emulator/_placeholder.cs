namespace GatewayOps.Emulator;
