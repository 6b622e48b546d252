using GatewayOps.Client.Wire;
using GatewayOps.Client.WorkersAi;
using GatewayOps.Rules;

namespace GatewayOps.Client.Settings;

/// <summary>What is wrong with options, all of it at once. Source: checklist S3-24.</summary>
internal static class OptionsCheck
{
    private readonly record struct Fault(string Field, string? Variable, string Problem);

    // How providers begin their keys. They belong into the gateway.
    private static readonly string[] ProviderKeys = ["sk-ant-", "sk-proj-", "sk-or-", "sk-svcacct-", "AIza", "gsk_", "xai-", "pplx-", "r8_", "hf_"];

    public static void Demand(GatewayClientOptions options, SettingLayers? layers = null) => Demand(Of(options, layers));

    public static void Demand(WorkersAiOptions options, SettingLayers? layers = null) => Demand(Of(options, layers));

    private static void Demand(IEnumerable<Fault> found)
    {
        var faults = found.ToList();
        if (faults.Count == 0) return;
        throw new GatewayConfigurationException($"Configuration error: {string.Join("; ", faults.Select(fault => fault.Problem))}", faults[0].Field, faults[0].Variable);
    }

    private static IEnumerable<Fault> Of(GatewayClientOptions options, SettingLayers? layers)
    {
        var local = Address.IsLocal(options.Provider);
        var direct = options.Endpoint is not null || local;
        if (options.Provider != Address.Dynamic && ProviderCatalogue.SlugOf(options.Provider) is null)
            yield return new(nameof(options.Provider), SettingReader.ProviderVariable,
                $"Provider \"{Shown(options.Provider)}\" is unknown: set {SettingReader.ProviderVariable} to one of {string.Join(", ", ProviderCatalogue.Names)}, dynamic, or custom-SLUG{Suggestion.Sentence(options.Provider, ProviderCatalogue.Names)}");
        if (!direct && Account(options.AccountId, layers) is { } account) yield return account;
        if (!direct && !IsId(options.GatewayId))
            yield return new(nameof(options.GatewayId), SettingReader.GatewayVariable, $"GatewayId is 1 to 64 letters, digits, - or _: correct {SettingReader.GatewayVariable}");
        if (Token(options, direct, layers) is { } problem)
            yield return new(nameof(options.GatewayToken), SettingReader.TokenVariables[0], problem);
        if (options.Model is { } model && (model.Length is 0 or > 256 || model.Any(char.IsControl)))
            yield return new(nameof(options.Model), SettingReader.ModelVariable, $"Model is 1 to 256 printable characters: correct {SettingReader.ModelVariable}");
        else if (options.Model is null && Address.DefaultModelOf(options) is null)
            yield return new(nameof(options.Model), SettingReader.ModelVariable, $"Model is missing, and {Shown(options.Provider)} has no default: give it, or set {SettingReader.ModelVariable}");
        else if (!direct && options.Model?.StartsWith("@cf/", StringComparison.Ordinal) == true && options.Slug is not (Address.WorkersAi or Address.Dynamic))
            yield return new(nameof(options.Model), SettingReader.ModelVariable, $"Model is one of Workers AI, and Provider is {Shown(options.Provider)}: correct {SettingReader.ModelVariable} or {SettingReader.ProviderVariable}");
        if (!IsPlain(options.BaseUrl))
            yield return new(nameof(options.BaseUrl), SettingReader.BaseUrlVariable, $"BaseUrl is no plain http(s) address: correct {SettingReader.BaseUrlVariable}");
        if (options.Endpoint is not null && !IsPlain(options.Endpoint))
            yield return new(nameof(options.Endpoint), null, "Endpoint is no plain http(s) address");
        foreach (var fault in Ranges(options).Concat(Bounds(options.Timeout, options.Retries, options.MaxAnswerBytes))) yield return fault;
    }

    private static IEnumerable<Fault> Of(WorkersAiOptions options, SettingLayers? layers)
    {
        var token = WorkersAiOptions.TokenVariables[0];
        if (Account(options.AccountId, layers) is { } account) yield return account;
        if (options.ApiToken.Length == 0) yield return new(nameof(options.ApiToken), token, $"ApiToken is missing: give it, or set {token}{File(layers, SettingLayers.KeyFile)}");
        else if (!IsHeader(options.ApiToken)) yield return new(nameof(options.ApiToken), token, $"ApiToken holds a character that a header cannot carry: correct {token}");
        // A name becomes a part of the path.
        if (options.Model.Length is 0 or > 256 || options.Model.Any(c => char.IsControl(c) || c is '?' or '#' or '%' or '\\' or ' ') || options.Model.Split('/').Any(part => part is "" or "." or ".."))
            yield return new(nameof(options.Model), SettingReader.ModelVariable, $"Model is no name of a model: correct {SettingReader.ModelVariable}");
        if (!IsPlain(options.BaseUrl)) yield return new(nameof(options.BaseUrl), WorkersAiOptions.BaseUrlVariable, $"BaseUrl is no plain http(s) address: correct {WorkersAiOptions.BaseUrlVariable}");
        foreach (var fault in Bounds(options.Timeout, options.Retries, options.MaxAnswerBytes)) yield return fault;
    }

    private static IEnumerable<Fault> Ranges(GatewayClientOptions options)
    {
        if (options.Temperature is { } temperature && !(temperature is >= 0 and <= 2)) yield return new(nameof(options.Temperature), null, "Temperature is 0 to 2");
        if (options.MaxOutputTokens < 1) yield return new(nameof(options.MaxOutputTokens), null, "MaxOutputTokens is 1 or more");
        if (options.MaxTurns is < 1 or > 100) yield return new(nameof(options.MaxTurns), null, "MaxTurns is 1 to 100");
        if (options.MaxParallelFunctions < 1) yield return new(nameof(options.MaxParallelFunctions), null, "MaxParallelFunctions is 1 or more");
        if (options.MaxBackgroundTasks < 1) yield return new(nameof(options.MaxBackgroundTasks), null, "MaxBackgroundTasks is 1 or more");
        if (!IsTime(options.BackgroundShutdown) && options.BackgroundShutdown != TimeSpan.Zero) yield return new(nameof(options.BackgroundShutdown), null, "BackgroundShutdown is 0 or more, or infinite");
    }

    private static IEnumerable<Fault> Bounds(TimeSpan timeout, RetryRule retries, int bytes)
    {
        if (!IsTime(timeout)) yield return new(nameof(GatewayClientOptions.Timeout), null, "Timeout is positive or infinite");
        if (retries.Most is < 0 or > 10) yield return new(nameof(GatewayClientOptions.MaxRetries), null, "MaxRetries is 0 to 10");
        if (retries.Delay < TimeSpan.Zero || retries.Delay > TimeSpan.FromMinutes(1)) yield return new(nameof(GatewayClientOptions.RetryDelay), null, "RetryDelay is 0 to 60 s");
        if (!(retries.Jitter is >= 0 and <= 1)) yield return new(nameof(GatewayClientOptions.RetryJitter), null, "RetryJitter is 0 to 1");
        if (bytes is < 1024 or > 1 << 30) yield return new(nameof(GatewayClientOptions.MaxAnswerBytes), null, "MaxAnswerBytes is 1024 to 1073741824");
        if (retries.Longest < TimeSpan.Zero || retries.Longest > TimeSpan.FromDays(1)) yield return new(nameof(GatewayClientOptions.MaxRetryDelay), null, "MaxRetryDelay is 0 to a day");
    }

    private static Fault? Account(string id, SettingLayers? layers) =>
        id.Length == 0 ? new(nameof(GatewayClientOptions.AccountId), SettingReader.AccountVariable, $"AccountId is missing: give it, or set {SettingReader.AccountVariable}{File(layers, SettingLayers.AccountFile)}")
        : IsId(id) ? null
        : new(nameof(GatewayClientOptions.AccountId), SettingReader.AccountVariable, $"AccountId is 1 to 64 letters, digits, - or _: correct {SettingReader.AccountVariable}");

    private static string? Token(GatewayClientOptions options, bool direct, SettingLayers? layers) =>
        options.GatewayToken.Length == 0
            // A proxy on one's own machine may be open.
            ? direct ? null : $"GatewayToken is missing: give it, or set {SettingReader.TokenVariables[0]} (or {SettingReader.TokenVariables[1]}, or {SettingReader.TokenVariables[2]}){File(layers, SettingLayers.KeyFile)}"
        : !IsHeader(options.GatewayToken) ? $"GatewayToken holds a character that a header cannot carry: correct {SettingReader.TokenVariables[0]}"
        : ProviderKeys.Any(start => options.GatewayToken.StartsWith(start, StringComparison.Ordinal))
            ? $"GatewayToken is the key of a provider: store that in the gateway (`gatewayops keys put`), and set {SettingReader.TokenVariables[0]} to a token of the gateway"
        : null;

    private static string File(SettingLayers? layers, string file) => layers is null ? "" : $", or write it to {layers.PathOf(file)}";

    private static bool IsId(string id) => id.Length is >= 1 and <= 64 && id.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');

    /// <summary>Without blanks and control characters: what a header carries as it is.</summary>
    public static bool IsHeader(string value) => value.All(c => c is > ' ' and <= '~');

    public static bool IsPlain(Uri? url) => url is { IsAbsoluteUri: true, Scheme: "http" or "https", Query: "", Fragment: "", UserInfo: "" };

    private static bool IsTime(TimeSpan time) => time == System.Threading.Timeout.InfiniteTimeSpan || (time > TimeSpan.Zero && time.TotalMilliseconds < int.MaxValue);

    private static string Shown(string name) => string.Concat(name.Take(64).Where(c => !char.IsControl(c)));
}
