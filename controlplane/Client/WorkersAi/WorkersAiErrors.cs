using GatewayOps.Client.Errors;
using GatewayOps.Client.Settings;
using GatewayOps.Rules;

namespace GatewayOps.Client.WorkersAi;

/// <summary>What Workers AI's own errors mean. Source: checklist S4-13 and S4-14; Cloudflare contract, section 16.</summary>
internal static class WorkersAiErrors
{
    public const string CheckTheModel = "Check the model: Workers AI names it in full, as `@cf/meta/llama-3.1-70b-instruct` (with .1) or `@cf/meta/llama-3-8b-instruct` (without).";

    /// <summary>Cloudflare has no route for an address, and says the same of a model that it does not have.</summary>
    public static bool HasNoRoute(ErrorAnswer error) =>
        error.Code is "7000" or "7001" or "7003" || error.Message.Contains("No route for that URI", StringComparison.OrdinalIgnoreCase);

    public static GatewayException Explain(int? status, ErrorAnswer error, string? requestId, TimeSpan? retryAfter, string model, WorkersAiOptions options)
    {
        var failure = new GatewayFailure(status, error.Code, requestId);
        var told = $"{(status is { } number and not 200 ? $"{number} " : "")}{error.Message}".TrimEnd('.', ' ');
        if (HasNoRoute(error))
            return new GatewayModelNotFoundException(
                $"No route: {told}. {CheckTheModel} Check the address: {options.BaseUrl.AbsoluteUri.TrimEnd('/')}/accounts/{{account}}/ai/run/{{model}}.{Hint(model)}",
                failure, model, Near(model));
        if (error.Code is "10000" or "9109" || status is 401 or 403)
            return new GatewayUnauthorizedException(
                $"Not authorised: {told}. Check the token ({WorkersAiOptions.TokenVariables[0]}, or keys/cloudflare-key/key.env), the account ({SettingReader.AccountVariable}, or account_id.env), and that the token may run Workers AI.", failure);
        // The free allowance of the day: waiting a second does not help.
        if (error.Code is "3036") return new GatewayInsufficientCreditsException($"The free neurons of today are used: {told}.", failure);
        if (error.Code is "3040") return new GatewayRateLimitedException($"Out of capacity: {told}.", failure, retryAfter);
        if (error.Code is "5007") return new GatewayModelNotFoundException($"Model not found: {told}.{Hint(model)}", failure, model, Near(model));
        return FailureReader.Read(new FailedCall(status, requestId, retryAfter, model, "", WorkersAi: true, options.Timeout), error);
    }

    private static IReadOnlyList<string> Near(string model) => Suggestion.Nearest(model, KnownModels.All.Where(name => name.StartsWith('@') && name != model), 3);

    private static string Hint(string model) => Near(model) is { Count: > 0 } near ? $" Did you mean {string.Join(" or ", near.Select(name => $"`{name}`"))}?" : "";
}
