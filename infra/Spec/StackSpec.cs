namespace GatewayOps.Infra.Spec;

/// <summary>What the stack is asked for: the keys of Pulumi.yaml with their types. Defaults here and there are the same, and a test holds them to it.</summary>
public sealed record StackSpec
{
    /// <summary>32 lower-case hex digits.</summary>
    public required string AccountId { get; init; }

    /// <summary>1 to 64 characters. Source: Cloudflare contract, section 2.1.</summary>
    public string GatewayId { get; init; } = "openai-compat";

    public string GatewayBaseUrl { get; init; } = "https://gateway.ai.cloudflare.com";

    public bool Protect { get; init; } = true;

    public bool Authentication { get; init; } = true;

    public bool ByokOnly { get; init; }

    public bool Zdr { get; init; }

    /// <summary>`postpaid` or `unified`.</summary>
    public string WorkersAiBillingMode { get; init; } = "postpaid";

    /// <summary>Logs kept, 10000 to 10000000.</summary>
    public int LogManagement { get; init; } = 100_000;

    /// <summary>`STOP_INSERTING` or `DELETE_OLDEST`.</summary>
    public string LogManagementStrategy { get; init; } = "DELETE_OLDEST";

    public FirstSettings First { get; init; } = new();

    /// <summary>Where clients of the data plane point their base URL.</summary>
    public string Endpoint => $"{GatewayBaseUrl.TrimEnd('/')}/v1/{AccountId}/{GatewayId}";
}

/// <summary>Values that a gateway is created with and that the control plane owns from then on (<see cref="Rules.FieldOwnership"/>).</summary>
public sealed record FirstSettings
{
    /// <summary>Seconds, 0 to 2592000; 0 is off.</summary>
    public int CacheTtl { get; init; }

    public bool CacheInvalidateOnUpdate { get; init; }

    public bool CollectLogs { get; init; } = true;

    /// <summary>Requests per interval; 0 is off, and then the interval is 0 too.</summary>
    public int RateLimitingLimit { get; init; }

    /// <summary>Seconds.</summary>
    public int RateLimitingInterval { get; init; }
}
