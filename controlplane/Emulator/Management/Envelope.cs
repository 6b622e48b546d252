using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace GatewayOps.Emulator.Management;

/// <summary>The answers of the management API (contract section 1.2).</summary>
public static class Envelope
{
    // As JavaScript writes JSON: only what must be escaped is.
    private static readonly JsonSerializerOptions Writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>200 with `result`; `resultInfo` on lists; `message` where the service adds one; `more` are members beside these.</summary>
    public static IResult Result(JsonNode? result, JsonObject? resultInfo = null, ApiError? message = null, JsonObject? more = null)
    {
        var body = new JsonObject
        {
            ["success"] = true,
            ["errors"] = new JsonArray(),
            ["messages"] = message is null ? [] : new JsonArray(message.ToJson()),
            ["result"] = result,
        };
        if (resultInfo is not null)
            body["result_info"] = resultInfo;
        foreach (var (name, value) in more ?? [])
            body[name] = value?.DeepClone();
        return new Answer(StatusCodes.Status200OK, body);
    }

    /// <summary>`{success: true}` and nothing else: a log delete.</summary>
    public static IResult Bare() => new Answer(StatusCodes.Status200OK, new JsonObject { ["success"] = true });

    /// <summary>`{success: true}` and one member that is not `result`: lists and the rename of dynamic routes.</summary>
    public static IResult Named(string member, JsonNode value) => new Answer(StatusCodes.Status200OK, new JsonObject { ["success"] = true, [member] = value });

    public static IResult Failure(int status, params IEnumerable<ApiError> errors) => new Answer(status, new JsonObject
    {
        ["success"] = false,
        ["errors"] = new JsonArray([.. errors.Select(error => error.ToJson())]),
        ["messages"] = new JsonArray(),
        ["result"] = null,
    });

    /// <summary>400 with AI Gateway's 7001 items.</summary>
    public static IResult Invalid(params IEnumerable<ApiError> errors) => Failure(StatusCodes.Status400BadRequest, errors);

    /// <summary>404 with 7002: AI Gateway knows no such object.</summary>
    public static IResult NotFound() => Failure(StatusCodes.Status404NotFound, new ApiError(7002, "Not Found"));

    /// <summary>7003 and 7000: no such path, or an account id that cannot be one (contract sections 1.3 and 18.1).</summary>
    public static Refusal Unrouted(PathString path, Assumptions assumptions) => new(
        assumptions.UnroutedStatus,
        new ApiError(7003, $"Could not route to {path}, perhaps your object identifier is invalid?"),
        new ApiError(7000, "No route for that URI"));

    private sealed class Answer(int status, JsonObject body) : IResult, IStatusCodeHttpResult
    {
        public int? StatusCode => status;

        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.StatusCode = status;
            httpContext.Response.ContentType = "application/json";
            var bytes = JsonSerializer.SerializeToUtf8Bytes(body, Writing);
            httpContext.Response.ContentLength = bytes.Length;
            return httpContext.Response.Body.WriteAsync(bytes, httpContext.RequestAborted).AsTask();
        }
    }
}
