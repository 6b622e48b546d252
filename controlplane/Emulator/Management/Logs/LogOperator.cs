namespace GatewayOps.Emulator.Management.Logs;

/// <summary>
/// How a filter compares. `Equal` and `Contains` hold for any of the values, `NotEqual` for all of them, `Less` and `Greater` for any. The last two are of the
/// deprecated parameters `min_…` and `max_…`.
/// </summary>
public enum LogOperator
{
    Equal,
    NotEqual,
    Contains,
    Less,
    Greater,
    AtLeast,
    AtMost,
}
