return await GatewayOps.ControlPlane.Hosting.ServiceHost.RunAsync(args, CancellationToken.None);
