namespace GatewayOps.Tests.Contract;

/// <summary>
/// On a test method: it asserts a rule or a state change of these operations (`operationId` of the OpenAPI document), not only a shape.
/// Below Emulator/ it speaks of the emulator, below Cloudflare/ of the client; every operation needs one of each.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class OperationAttribute(params string[] ids) : Attribute
{
    public IReadOnlyList<string> Ids { get; } = ids;
}
