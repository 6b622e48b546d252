using static GatewayOps.Emulator.Management.Shapes;

namespace GatewayOps.Emulator.Management.SecretsStore;

/// <summary>
/// The bodies of the Secrets Store as the OpenAPI page shows them (contract section 9). The endpoints check them by themselves: this API's errors are names,
/// one at a time, which shapes cannot say.
/// </summary>
public static class SecretsStoreShape
{
    private static readonly Shape ScopeList = ArrayOf(OneOf(SecretBody.Scopes), minimum: 1);
    private static readonly Member Name = new("name", Text(1), Required: true);
    private static readonly Member Scopes = new("scopes", ScopeList, Required: true);
    private static readonly Member Comment = new("comment", Text());
    private static readonly Shape Value = Text(1, SecretBody.LongestValue);

    public static Shape Store { get; } = ObjectOf(Name);

    public static Shape Create { get; } = ArrayOf(ObjectOf(Name, new Member("value", Value, Required: true), Scopes, Comment), minimum: 1);

    public static Shape Change { get; } = ObjectOf(new Member("value", Value), Scopes with { Required = false }, Comment);

    public static Shape Copy { get; } = ObjectOf(Name, Scopes, Comment);

    public static Shape Deletion { get; } = ArrayOf(ObjectOf(new Member("id", Text(1), Required: true)));
}
