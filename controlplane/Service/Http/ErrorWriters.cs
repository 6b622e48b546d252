using System.Diagnostics;

namespace GatewayOps.ControlPlane.Http;

/// <summary>Writes a refusal in the shape that the callers of its path understand: Anthropic's error at its endpoint, the OpenAI error elsewhere under `/v1`, Cloudflare's envelope under `/client/v4`, a problem everywhere else.</summary>
public static class ErrorWriters
{
    public static IServiceCollection AddErrorWriters(this IServiceCollection services)
    {
        // The first that can write, writes; the framework's own would answer nothing to a caller that does not accept JSON.
        services.AddSingleton<IProblemDetailsWriter, AnthropicErrorWriter>();
        services.AddSingleton<IProblemDetailsWriter, OpenAiErrorWriter>();
        services.AddSingleton<IProblemDetailsWriter, CloudflareErrorWriter>();
        services.AddSingleton<IProblemDetailsWriter, ProblemWriter>();
        return services.AddProblemDetails();
    }

    private sealed class AnthropicErrorWriter : IProblemDetailsWriter
    {
        public bool CanWrite(ProblemDetailsContext context) => AnthropicError.IsAt(context.HttpContext.Request.Path);

        public async ValueTask WriteAsync(ProblemDetailsContext context) =>
            await context.HttpContext.Response.WriteAsJsonAsync(AnthropicError.Of(context.HttpContext.Response.StatusCode, Detail(context)), context.HttpContext.RequestAborted);
    }

    private sealed class OpenAiErrorWriter : IProblemDetailsWriter
    {
        public bool CanWrite(ProblemDetailsContext context) => context.HttpContext.Request.Path.StartsWithSegments("/v1");

        public async ValueTask WriteAsync(ProblemDetailsContext context)
        {
            var status = context.HttpContext.Response.StatusCode;
            // The first two as the checklist has them (S2-38), the others as OpenAI does.
            var type = status switch { 404 => "not_found", 405 => "method_not_allowed", >= 500 => "server_error", _ => "invalid_request_error" };
            var error = new Dictionary<string, string?> { ["message"] = Detail(context), ["type"] = type, ["param"] = null, ["code"] = Code(context) };
            await context.HttpContext.Response.WriteAsJsonAsync(new { error }, context.HttpContext.RequestAborted);
        }
    }

    private sealed class CloudflareErrorWriter : IProblemDetailsWriter
    {
        // Source: Cloudflare contract, section 1.3.
        private const int NoRoute = 7000;
        private const string ServedOfCloudflare = "/client/v4/accounts/{account}/ai/run/{model}";

        public bool CanWrite(ProblemDetailsContext context) => context.HttpContext.Request.Path.StartsWithSegments("/client/v4");

        public async ValueTask WriteAsync(ProblemDetailsContext context)
        {
            var status = context.HttpContext.Response.StatusCode;
            var answer = new
            {
                success = false,
                errors = new[] { status == 404 ? new { code = NoRoute, message = $"No route for that URI: of Cloudflare's API this proxy serves POST {ServedOfCloudflare}." } : new { code = status, message = Detail(context) } },
                messages = Array.Empty<object>(),
                result = (object?)null,
            };
            await context.HttpContext.Response.WriteAsJsonAsync(answer, context.HttpContext.RequestAborted);
        }
    }

    private sealed class ProblemWriter : IProblemDetailsWriter
    {
        public bool CanWrite(ProblemDetailsContext context) => true;

        public async ValueTask WriteAsync(ProblemDetailsContext context)
        {
            var (http, problem) = (context.HttpContext, context.ProblemDetails);
            problem.Status ??= http.Response.StatusCode;
            problem.Type = problem.Type?.StartsWith(Problem.TypePrefix, StringComparison.Ordinal) == true ? problem.Type : Problem.TypePrefix + Code(context);
            problem.Title ??= Microsoft.AspNetCore.WebUtilities.ReasonPhrases.GetReasonPhrase(problem.Status.Value);
            if (problem is { Status: 400, Detail: null } && BindingFault.OfValue(http) is { } fault)
            {
                (problem.Detail, problem.Extensions["errors"]) = (fault.Message, new[] { fault });
            }

            problem.Detail ??= Detail(context);
            problem.Instance ??= http.Request.Path;
            problem.Extensions.TryAdd("errors", Array.Empty<object>());
            problem.Extensions["traceId"] = Activity.Current?.TraceId.ToHexString() ?? http.TraceIdentifier;
            problem.Extensions["requestId"] = http.TraceIdentifier;
            await http.Response.WriteAsJsonAsync(problem, options: null, contentType: "application/problem+json", http.RequestAborted);
        }
    }

    private static string Code(ProblemDetailsContext context) =>
        context.ProblemDetails.Type is { } type && type.StartsWith(Problem.TypePrefix, StringComparison.Ordinal)
            ? type[Problem.TypePrefix.Length..]
            : context.HttpContext.Response.StatusCode switch
            {
                400 => "bad_request",
                401 => "unauthorized",
                403 => "forbidden",
                404 => "not_found",
                405 => "method_not_allowed",
                406 => "not_acceptable",
                408 => "request_timeout",
                413 => "body_too_large",
                415 => "unsupported_media_type",
                503 => "unavailable",
                >= 500 => "internal_error",
                _ => "refused",
            };

    private static string Detail(ProblemDetailsContext context)
    {
        var (request, response) = (context.HttpContext.Request, context.HttpContext.Response);
        return context.ProblemDetails.Detail ?? response.StatusCode switch
        {
            404 => $"Nothing is served at {request.Path}.",
            405 => $"{request.Path} does not take {request.Method}; it takes {response.Headers.Allow}.",
            413 => "The body is larger than this address takes.",
            415 => "The body's content type is not supported: send application/json.",
            >= 500 => "The service failed to answer. The log has the cause under the request id.",
            _ => "The request cannot be served.",
        };
    }
}
