using System.Globalization;
using System.Text.RegularExpressions;
using GatewayOps.Client.WorkersAi;
using GatewayOps.Rules;

namespace GatewayOps.Client.Errors;

/// <summary>The kind of a failure, and what to do about it, from status and body. Source: checklist S0-15 to S0-17 and S3-20 to S3-23; Cloudflare contract, section 13.</summary>
internal static partial class FailureReader
{
    private const int MostSuggestions = 3;

    public static GatewayException Read(in FailedCall call, ErrorAnswer error)
    {
        var failure = new GatewayFailure(call.Status, error.Code, call.RequestId);
        var told = $"{(call.Status is { } status ? $"{status} " : "")}{error.Message}".TrimEnd('.', ' ');
        var where = call.RequestId is null ? "" : $" (request {call.RequestId})";
        return Kind(call, error) switch
        {
            FailureKind.RateLimited => new GatewayRateLimitedException(
                $"Rate limited: {told}{where}.{(call.RetryAfter is { } wait ? $" Try again after {wait.TotalSeconds:0.###} s." : "")}", failure, call.RetryAfter),
            FailureKind.Unauthorized => new GatewayUnauthorizedException(
                $"Not authorised: {told}{where}. Check your gateway token ({Settings.SettingReader.TokenVariables[0]}): it needs the permission `AI Gateway: Run`, and is made at https://dash.cloudflare.com/profile/api-tokens. "
                + "If the words are a provider's, its key in the gateway is wrong: `gatewayops keys list`.", failure),
            FailureKind.InsufficientCredits => new GatewayInsufficientCreditsException(
                $"Insufficient credits: {told}{where}. Check the provider's balance, and the budgets and spend limits of the gateway.", failure),
            FailureKind.ModelNotFound => ModelNotFound(call, error, failure, $"Model not found: {told}{where}."),
            FailureKind.NoRoute => ModelNotFound(call, error with { Message = "" }, failure,
                $"No route: {told}{where}. {WorkersAiErrors.CheckTheModel} Check the address: {Settings.SettingReader.AccountVariable} and {Settings.SettingReader.GatewayVariable} stand in it."),
            FailureKind.GatewayNotFound => new GatewayNotFoundException(
                $"The account has no gateway \"{call.GatewayId}\": {told}{where}. Create it (`gatewayops gateway create {call.GatewayId}`), or set {Settings.SettingReader.GatewayVariable} to one that is there.", failure, call.GatewayId),
            FailureKind.Timeout => new GatewayTimeoutException($"The gateway gave up waiting: {told}{where}.", failure, call.Timeout),
            _ => new GatewayException($"The gateway answered {told}{where}.", failure),
        };
    }

    private enum FailureKind { Other, RateLimited, Unauthorized, InsufficientCredits, ModelNotFound, NoRoute, GatewayNotFound, Timeout }

    // By code first: a status alone says less, and providers differ in it.
    private static FailureKind Kind(in FailedCall call, ErrorAnswer error) => (call.Status, error.Code) switch
    {
        (_, "insufficient_quota" or "2021" or "2041" or "2049") => FailureKind.InsufficientCredits,
        (_, "2001" or "gateway_not_found") => FailureKind.GatewayNotFound,
        _ when call.WorkersAi && WorkersAiErrors.HasNoRoute(error) => FailureKind.NoRoute,
        (_, "model_not_found" or "5007" or "7003") => FailureKind.ModelNotFound,
        (404, _) when ModelMissing().IsMatch(error.Message) => FailureKind.ModelNotFound,
        (402, _) => FailureKind.InsufficientCredits,
        (401 or 403, _) or (_, "2009") => FailureKind.Unauthorized,
        (429, _) or (null, "rate_limit_exceeded" or "2003") => FailureKind.RateLimited,
        (408 or 504, _) => FailureKind.Timeout,
        _ => FailureKind.Other,
    };

    private static GatewayModelNotFoundException ModelNotFound(in FailedCall call, ErrorAnswer error, GatewayFailure failure, string told)
    {
        string[] named = [.. Quoted().Matches(error.Message).Select(match => match.Groups["name"].Value)];
        var sent = call.Model;
        // What the answer proposes stands in its words already.
        var proposed = error.Message.Contains("Did you mean", StringComparison.Ordinal) ? named.Where(name => !sent.EndsWith(name, StringComparison.Ordinal)).Take(MostSuggestions).ToArray() : [];
        IReadOnlyList<string> suggestions = proposed.Length > 0 ? proposed : Suggestion.Nearest(sent, KnownModels.All, MostSuggestions);
        var hint = proposed.Length == 0 && suggestions.Count > 0 ? $" Did you mean {string.Join(" or ", suggestions.Select(name => $"`{name}`"))}?" : "";
        var full = call.WorkersAi && !sent.Contains("@cf/", StringComparison.Ordinal) ? " Workers AI names its models in full, as `@cf/meta/llama-3.1-8b-instruct`: https://developers.cloudflare.com/workers-ai/models/." : "";
        return new(told + hint + full, failure, sent, suggestions);
    }

    /// <summary>Retry-After in seconds or as a date (RFC 9110, 10.2.3); null when there is none, or none that makes sense.</summary>
    public static TimeSpan? RetryAfter(string? header, DateTimeOffset now)
    {
        if (header is null) return null;
        if (double.TryParse(header, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds)) return seconds <= TimeSpan.MaxValue.TotalSeconds / 2 ? TimeSpan.FromSeconds(seconds) : TimeSpan.MaxValue;
        if (!DateTimeOffset.TryParse(header, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date)) return null;
        return date > now ? date - now : TimeSpan.Zero;
    }

    [GeneratedRegex("model.{0,200}(not found|does not exist|not available|unknown)|no such model|does not have the model", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture | RegexOptions.Singleline, 1000)]
    private static partial Regex ModelMissing();

    [GeneratedRegex("`(?<name>[^`]{1,256})`", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Quoted();
}

/// <summary>What is known of a call that failed, beside the body. `Status` is null where the error came within a stream.</summary>
internal readonly record struct FailedCall(int? Status, string? RequestId, TimeSpan? RetryAfter, string Model, string GatewayId, bool WorkersAi, TimeSpan Timeout);

/// <summary>Models to suggest where the answer does not: those that the older systems name. Source: checklist S0-13, S3-10, S4-07.</summary>
internal static class KnownModels
{
    public static readonly IReadOnlyList<string> All =
    [
        "@cf/meta/llama-2-7b-chat-int8", "@cf/meta/llama-2-13b-chat-int8", "@cf/mistral/mistral-7b-instruct-v0.1", "@cf/mistral/mistral-7b-instruct-v0.2", "@cf/meta/codellama-7b-instruct",
        "@cf/tinyllama/tinyllama-1.1b-chat-v1.0", "@cf/meta/llama-3-8b-instruct", "@cf/meta/llama-3.1-8b-instruct", "@cf/meta/llama-3.1-70b-instruct", "@cf/meta/llama-3.3-70b-instruct-fp8-fast",
        "@cf/meta/llama-4-scout-17b-16e-instruct", "gpt-4o", "gpt-4o-mini", "gpt-4-turbo", "claude-sonnet-4-5", "claude-opus-4", "claude-3-haiku", "gemini-2.0-flash", "gemini-1.5-pro",
        "llama-3-70b", "mixtral-8x7b", "mistral-large", "mistral-medium", "command-r-plus", "command-r", "grok-2", "deepseek-chat", "deepseek-coder", "sonar-medium-online",
    ];
}
