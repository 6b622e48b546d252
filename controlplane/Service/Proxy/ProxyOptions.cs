using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace GatewayOps.ControlPlane.Proxy;

/// <summary>Bounds of the proxy. Rules give the times of a request; these hold where no rule does.</summary>
public sealed class ProxyOptions
{
    public const string Section = "GatewayOps:Proxy";

    /// <summary>Bytes of a request body.</summary>
    [Range(1024, 1 << 30, ErrorMessage = Section + ":MaxRequestBytes must be 1024 to 1073741824")]
    public int MaxRequestBytes { get; init; } = 30_000_000;

    /// <summary>Bytes of an answer that is not streamed.</summary>
    [Range(1024, 1 << 30, ErrorMessage = Section + ":MaxAnswerBytes must be 1024 to 1073741824")]
    public int MaxAnswerBytes { get; init; } = 64 << 20;

    /// <summary>Bytes of one event of a stream.</summary>
    [Range(1024, 64 << 20, ErrorMessage = Section + ":MaxEventBytes must be 1024 to 67108864")]
    public int MaxEventBytes { get; init; } = 1 << 20;

    /// <summary>Time to the first byte of one attempt.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:10:00", ErrorMessage = Section + ":AttemptTimeout must be 00:00:00.001 to 00:10:00")]
    public TimeSpan AttemptTimeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Time to the first byte over all attempts and the waits between them.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "01:00:00", ErrorMessage = Section + ":RequestTimeout must be 00:00:00.001 to 01:00:00")]
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Longest silence of an upstream after its first byte; then the answer counts as cut off.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "01:00:00", ErrorMessage = Section + ":IdleTimeout must be 00:00:00.001 to 01:00:00")]
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Silence of a stream after which the client gets a comment, so that nothing between us closes the connection.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:05:00", ErrorMessage = Section + ":KeepAliveInterval must be 00:00:00.001 to 00:05:00")]
    public TimeSpan KeepAliveInterval { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Longest wait before a retry. An upstream that asks for more is not waited for.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:05:00", ErrorMessage = Section + ":MaxRetryDelay must be 00:00:00 to 00:05:00")]
    public TimeSpan MaxRetryDelay { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Between two readings of what all replicas have used today, where a rule set has a quota. Until the next, a replica does not see what the others use.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00", ErrorMessage = Section + ":QuotaRefresh must be 00:00:01 to 00:10:00")]
    public TimeSpan QuotaRefresh { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Requests of one session (X-SESSION-ID, or the cookie session_id) in a minute; 0 is no limit.</summary>
    [Range(0, 1_000_000, ErrorMessage = Section + ":SessionRequestsPerMinute must be 0 to 1000000")]
    public int SessionRequestsPerMinute { get; init; }

    /// <summary>Silence after which a session is forgotten; a minute at least, so that its limit holds.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "1.00:00:00", ErrorMessage = Section + ":SessionTtl must be 00:01:00 to 1.00:00:00")]
    public TimeSpan SessionTtl { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>Sessions that are known at a time; about 300 bytes each.</summary>
    [Range(1, 1_000_000, ErrorMessage = Section + ":MaxSessions must be 1 to 1000000")]
    public int MaxSessions { get; init; } = 20_000;

    /// <summary>Model of requests that name none; null refuses them.</summary>
    public string? DefaultModel { get; init; }

    /// <summary>Temperature of chats and text completions that name none; null sends none. Reasoning models refuse one.</summary>
    [Range(0.0, 2.0, ErrorMessage = Section + ":DefaultTemperature must be 0 to 2")]
    public double? DefaultTemperature { get; init; }

    /// <summary>Origins that browsers may call from, separated by commas or blanks; `*` is any.</summary>
    public string AllowedOrigins { get; init; } = "*";
}

[OptionsValidator]
public sealed partial class ProxyOptionsValidator : IValidateOptions<ProxyOptions>;
