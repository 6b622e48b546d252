namespace GatewayOps.Emulator.DataPlane;

/// <summary>
/// Ends a response that began and cannot be finished. Thrown through to the server, which sends what was written, leaves out the end of the body and
/// closes: the client sees every event that came and that more was to come. An abort would reset the connection and lose events on the way.
/// </summary>
public sealed class BrokenAnswerException(Exception inner) : Exception("The provider broke off in the middle of an answer.", inner);
