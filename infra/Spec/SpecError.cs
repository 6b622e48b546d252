namespace GatewayOps.Infra.Spec;

/// <summary>One fault in the stack's configuration. <paramref name="Path"/> is the key as `pulumi config set` takes it.</summary>
public sealed record SpecError(string Path, string Message)
{
    public override string ToString() => $"{Path}: {Message}";
}
