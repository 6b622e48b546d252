using GatewayOps.Cli;
using GatewayOps.Cli.Output;
using GatewayOps.ControlPlane.Hosting;

return await CommandTree.RunAsync(args, StandardOutput.Open(), Console.Error, Surroundings.OfProcess(), StandardOutput.TakesColour());
