namespace GatewayOps.Emulator.Management;

/// <summary>Requests that are counted together (contract section 1.4).</summary>
public enum ApiBudget
{
    Rest,
    GraphQl,

    /// <summary>Runs of models: their tasks have limits of their own, some above this API's (contract section 16).</summary>
    Inference,
}

public static class ApiBudgets
{
    /// <summary>Endpoint metadata: counted in this budget; without it <see cref="ApiBudget.Rest"/>.</summary>
    public static TBuilder CountsAs<TBuilder>(this TBuilder endpoints, ApiBudget budget) where TBuilder : IEndpointConventionBuilder => endpoints.WithMetadata(budget);
}
