using System.ComponentModel.DataAnnotations;
using GatewayOps.ControlPlane.Http;
using GatewayOps.ControlPlane.Storage;
using Microsoft.Extensions.Options;

namespace GatewayOps.ControlPlane.Ingestion;

/// <summary>Where gateways' logs come from and how they are read. Source: product contract, section 9.</summary>
public sealed class IngestionOptions
{
    public const string Section = "GatewayOps:Ingestion";

    /// <summary>The source that is a choice by itself.</summary>
    public const string Auto = "auto";

    /// <summary>auto, logs, telemetry or otlp: which source is read, and whose rows without a request id count.</summary>
    [AllowedValues(Auto, LogSources.Logs, LogSources.Telemetry, LogSources.Otlp, ErrorMessage = Section + ":Source must be auto, logs, telemetry or otlp")]
    public string Source { get; init; } = Auto;

    /// <summary>What is otherwise for single gateways.</summary>
    public IReadOnlyList<GatewayIngestionOptions> Gateways { get; init; } = [];

    /// <summary>Between two polls of all gateways, 1 s to 1 h.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00", ErrorMessage = Section + ":Interval must be between 00:00:01 and 01:00:00")]
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How much of what was read is read again, for entries that come late. Entries are 30 to 60 s late (Cloudflare contract, section 3).</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00", ErrorMessage = Section + ":Overlap must be between 00:00:00 and 1.00:00:00")]
    public TimeSpan Overlap { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How far back the first poll of a gateway goes.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "30.00:00:00", ErrorMessage = Section + ":Lookback must be between 00:00:00 and 30.00:00:00")]
    public TimeSpan Lookback { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Calls of the API that polling makes within five minutes; the rest of the 1200 is for everybody else (Cloudflare contract, section 1.4).</summary>
    [Range(1, 1200, ErrorMessage = Section + ":CallsPerFiveMinutes must be between 1 and 1200")]
    public int CallsPerFiveMinutes { get; init; } = 1200;

    /// <summary>False: this replica neither polls nor drops old days. For tests, and for a replica that only proxies.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>Days that log entries are kept, today not counted.</summary>
    [Range(1, 3650, ErrorMessage = Section + ":LogDays must be between 1 and 3650")]
    public int LogDays { get; init; } = 30;

    /// <summary>Where the first day of log entries that are kept begins.</summary>
    public DateTimeOffset LogsFrom(DateTimeOffset now) => now.Floor(TimeSpan.FromDays(1)).AddDays(-LogDays);

    /// <summary>Days that the proxy's request records are kept, today not counted.</summary>
    [Range(1, 3650, ErrorMessage = Section + ":RequestRecordDays must be between 1 and 3650")]
    public int RequestRecordDays { get; init; } = 90;

    /// <summary>True: the bodies of requests and answers are kept too, redacted and cut. Two calls for each row that comes from the logs API.</summary>
    public bool Bodies { get; init; }

    /// <summary>Characters of a body that are kept, 1 to 1,000,000.</summary>
    [Range(1, 1_000_000, ErrorMessage = Section + ":MaxBodyCharacters must be between 1 and 1000000")]
    public int MaxBodyCharacters { get; init; } = 16_384;

    /// <summary>What is blacked out in bodies, separated by blanks: a path such as `messages.*.content` or `**.email` (`*`: any member or index, `**`: any depth), or `/pattern/`, a regular expression over texts.</summary>
    public string Redact { get; init; } = "";

    public IReadOnlyList<string> RedactionRules() => Redact.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>What opens `/otlp/{gateway}/v1/traces`, as Bearer; 16 characters or more. Not set: nobody may push. A secret.</summary>
    [RegularExpression("^[\\x21-\\x7e]{16,1024}$", ErrorMessage = Section + ":OtlpToken must have 16 to 1024 visible ASCII characters: make one with `openssl rand -hex 24`")]
    public string? OtlpToken { get; init; }

    /// <summary>This service's address as Cloudflare reaches it, https (http on the machine itself). Set: the reconciler switches the export of spans on, where a gateway exports nothing and `otlp` may be its source.</summary>
    public string? OtlpUrl { get; init; }

    /// <summary>The secret of the account's Secrets Store whose value is `Bearer TOKEN`, as gateways refer to it; not set: the token itself becomes a header of the exporter.</summary>
    [RegularExpression("^[\\x21-\\x7e]{1,256}$", ErrorMessage = Section + ":OtlpSecret must be the name of a secret")]
    public string? OtlpSecret { get; init; }

    /// <summary>The source that the settings name for a gateway; null is `auto`.</summary>
    public string? SourceOf(string gateway)
    {
        var named = Gateways.FirstOrDefault(own => own.Id == gateway)?.Source ?? Source;
        return named == Auto ? null : named;
    }

    public bool BodiesOf(string gateway) => Gateways.FirstOrDefault(own => own.Id == gateway)?.Bodies ?? Bodies;
}

/// <summary>What a gateway has of its own; null is what holds for all.</summary>
public sealed class GatewayIngestionOptions
{
    public string Id { get; init; } = "";
    public string? Source { get; init; }
    public bool? Bodies { get; init; }
}

[OptionsValidator]
public sealed partial class IngestionOptionsValidator : IValidateOptions<IngestionOptions>;

/// <summary>What the attributes cannot say.</summary>
public sealed class IngestionOptionsCheck : IValidateOptions<IngestionOptions>
{
    public ValidateOptionsResult Validate(string? name, IngestionOptions options)
    {
        var faults = new List<string>();
        for (var i = 0; i < options.Gateways.Count; i++)
        {
            var own = options.Gateways[i];
            if (!GatewayId.IsValid(own.Id) || options.Gateways.Take(i).Any(other => other.Id == own.Id))
            {
                faults.Add($"{IngestionOptions.Section}:Gateways:{i}:Id must be the id of a gateway, and of no other entry");
            }

            if (own.Source is not (null or IngestionOptions.Auto) && !LogSources.All.Contains(own.Source))
            {
                faults.Add($"{IngestionOptions.Section}:Gateways:{i}:Source must be auto, logs, telemetry or otlp");
            }
        }

        if (options.OtlpUrl is { } text && !(Uri.TryCreate(text, UriKind.Absolute, out var url) && (url.Scheme == "https" || (url.Scheme == "http" && url.IsLoopback)) && url is { Query: "", Fragment: "", UserInfo: "" }))
        {
            faults.Add($"{IngestionOptions.Section}:OtlpUrl must be an https address without query, as https://gatewayops.example");
        }

        if (options is { OtlpUrl: not null, OtlpToken: null })
        {
            faults.Add($"{IngestionOptions.Section}:OtlpUrl needs OtlpToken: without it nobody may push");
        }

        faults.AddRange(options.RedactionRules().Select(BodyRedaction.Fault).OfType<string>().Select(fault => $"{IngestionOptions.Section}:Redact: a rule {fault}"));
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }
}
