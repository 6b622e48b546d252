namespace GatewayOps.Infra.Spec;

/// <summary>One fault in the stack's configuration. <paramref name="Path"/> is the key as `pulumi config set --path` takes it, as `gateways[1].cacheTtl`. No message repeats a secret.</summary>
public sealed record SpecError(string Path, string Message)
{
    public override string ToString() => $"{Path}: {Message}";
}
