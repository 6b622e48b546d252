using GatewayOps.Cli;

return await CommandTree.RunAsync(args, Console.Out, Console.Error);
