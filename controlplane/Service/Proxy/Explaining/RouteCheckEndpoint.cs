using GatewayOps.ControlPlane.Proxy.Dialects;
using GatewayOps.ControlPlane.Upstreams;
using Microsoft.Extensions.Options;

namespace GatewayOps.ControlPlane.Proxy.Explaining;

/// <summary>
/// GET /v1/route-check?model=&amp;provider=&amp;path= and POST /v1/route-check?path= with the request itself as its body: what the proxy would do with it, told without asking a provider and without
/// counting. The decision, the cache key and the verdicts are those of <see cref="ProxyPipeline"/>'s own parts.
/// </summary>
public sealed class RouteCheckEndpoint(RouteExplainer explainer, IOptions<ProxyOptions> options)
{
    private const int MaxNameLength = 256;

    private static readonly Dialect[] Explained = [.. Dialect.All, Dialect.WorkersAi];

    public async Task GetAsync(HttpContext context)
    {
        var query = context.Request.Query;
        var (dialect, fault) = DialectOf(query["path"]);
        var model = Name(query["model"], "model", ref fault);
        var provider = Name(query["provider"], "provider", ref fault);
        await AnswerAsync(context, fault is null ? explainer.Explain(context, new Question(dialect!, model, provider, Request: null)) : (null, fault));
    }

    public async Task PostAsync(HttpContext context)
    {
        var (dialect, fault) = DialectOf(context.Request.Query["path"]);
        ProxyRequest? request = null;
        if (fault is null)
        {
            (var body, fault) = await RequestBody.ReadJsonAsync(context, options.Value.MaxRequestBytes);
            (request, fault) = fault is null ? RequestReader.Read(body, dialect!) : (null, fault);
        }

        using var _ = request;
        // At `/ai/run` the address names the model, and the body none.
        var model = fault is null && !dialect!.NamesModel ? Name(context.Request.Query["model"], "model", ref fault) : request?.Model;
        await AnswerAsync(context, fault is null ? explainer.Explain(context, new Question(dialect!, model, request!.Provider, request)) : (null, fault));
    }

    private static Task AnswerAsync(HttpContext context, (RouteExplanation? Explanation, OpenAiError? Fault) answer) => answer.Explanation is null
        ? answer.Fault!.WriteAsync(context.Response, context.RequestAborted)
        : context.Response.WriteAsJsonAsync(answer.Explanation, context.RequestAborted);

    // `/v1/chat/completions`, `/chat/completions` and `chat/completions` are one.
    private static (Dialect? Dialect, OpenAiError? Fault) DialectOf(string? path)
    {
        if (string.IsNullOrEmpty(path))
        {
            return (Dialect.Of(Operations.Chat), null);
        }

        var operation = '/' + path.TrimStart('/');
        operation = operation.StartsWith("/v1/", StringComparison.Ordinal) ? operation[3..] : operation;
        return Explained.FirstOrDefault(dialect => dialect.Operation == operation) is { } found
            ? (found, null)
            : (null, OpenAiError.Invalid("invalid_value", $"path must be one of {string.Join(", ", Explained.Select(dialect => dialect.Operation).Order(StringComparer.Ordinal))}.", "path"));
    }

    private static string? Name(string? given, string name, ref OpenAiError? fault)
    {
        if (given?.Length > MaxNameLength || (given?.Any(char.IsControl) ?? false))
        {
            fault ??= OpenAiError.Invalid("invalid_value", $"{name} must be 1 to {MaxNameLength} characters without control characters.", name);
        }

        return string.IsNullOrEmpty(given) ? null : given;
    }
}

/// <summary>What is asked about. Without a <paramref name="Request"/> there is no cache key, and its usage is not estimated.</summary>
public sealed record Question(Dialect Dialect, string? Model, string? Provider, ProxyRequest? Request);
