namespace GatewayOps.ControlPlane.Hosting;

/// <summary>The service cannot start, for a reason that its operator can mend. The message is one line: what is wrong, and the fix.</summary>
public sealed class StartException(string message, Exception? cause = null) : Exception(message, cause);
