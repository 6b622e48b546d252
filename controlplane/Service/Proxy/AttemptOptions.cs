using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace GatewayOps.ControlPlane.Proxy;

/// <summary>What the proxy remembers of upstreams and of their answers, on each replica by itself.</summary>
public sealed class AttemptOptions
{
    public const string Section = ProxyOptions.Section;

    /// <summary>Failures of a provider in a row, over all requests, after which its circuit opens: it is left out where there is another.</summary>
    [Range(1, 1000, ErrorMessage = Section + ":CircuitFailures must be 1 to 1000")]
    public int CircuitFailures { get; init; } = 5;

    /// <summary>How long a circuit stays open; then one request at a time tries whether the provider answers again.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "01:00:00", ErrorMessage = Section + ":CircuitOpenFor must be 00:00:00.001 to 01:00:00")]
    public TimeSpan CircuitOpenFor { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Without a call for so long, a model counts as cold: its provider may have to load it first.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00", ErrorMessage = Section + ":ColdAfter must be 00:00:01 to 1.00:00:00")]
    public TimeSpan ColdAfter { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Bytes of answers that are kept for rules with a cache, for providers in direct mode; the gateway keeps those of the others. 0 keeps none.</summary>
    [Range(0, 1L << 36, ErrorMessage = Section + ":CacheBytes must be 0 to 68719476736")]
    public long CacheBytes { get; init; } = 64 << 20;
}

[OptionsValidator]
public sealed partial class AttemptOptionsValidator : IValidateOptions<AttemptOptions>;
