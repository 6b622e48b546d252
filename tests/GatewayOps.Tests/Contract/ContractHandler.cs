using System.Collections.Concurrent;
using Microsoft.AspNetCore.WebUtilities;

namespace GatewayOps.Tests.Contract;

/// <summary>Which half of the traffic is held to the document.</summary>
[Flags]
internal enum Held { Nothing = 0, Answers = 1, Requests = 2, Both = Answers | Requests }

/// <summary>A call or an answer that the OpenAPI document does not allow: the test fails with what is wrong with it.</summary>
internal sealed class ContractViolationException(string message) : Exception(message);

/// <summary>
/// Holds the traffic of an <see cref="HttpClient"/> with the management API to the OpenAPI document: what it says of a call below `/client/v4`
/// must be so, or the call throws. Paths outside of the document pass.
/// </summary>
internal sealed class ContractHandler(Held held, HttpMessageHandler? inner = null)
    : DelegatingHandler(inner ?? new SocketsHttpHandler { AllowAutoRedirect = false })
{
    private const string Base = "/client/v4";

    // What the emulator says where a test asked it for a status; such an answer need not fit.
    private static readonly byte[] AskedFor = "The emulator was asked to answer"u8.ToArray();

    private readonly ConcurrentQueue<string> _broken = new();

    /// <summary>For tests whose code under test swallows what is thrown at it: everything that was broken so far.</summary>
    public IReadOnlyCollection<string> Broken => _broken;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var path = request.RequestUri!.AbsolutePath;
        if (!path.StartsWith(Base + "/", StringComparison.Ordinal))
            return await base.SendAsync(request, cancellationToken);
        path = path[Base.Length..];
        var call = OpenApiDocument.Cloudflare.Find(request.Method.Method, path);
        if (call is not null && held.HasFlag(Held.Requests))
            await CheckRequestAsync(call, request, cancellationToken);
        var response = await base.SendAsync(request, cancellationToken);
        if (held.HasFlag(Held.Answers))
            await CheckAnswerAsync(call?.Operation, request.Method, path, response, cancellationToken);
        return response;
    }

    private async Task CheckRequestAsync(OperationCall call, HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var body = request.Content is null ? [] : await request.Content.ReadAsByteArrayAsync(cancellationToken);
        var query = QueryHelpers.ParseQuery(request.RequestUri!.Query).SelectMany(pair => pair.Value.Select(value => KeyValuePair.Create(pair.Key, value ?? "")));
        Check($"The request {request.Method} {request.RequestUri.PathAndQuery}", call.Operation.RequestViolations(call, query, request.Content?.Headers.ContentType?.MediaType, body));
    }

    private async Task CheckAnswerAsync(ApiOperation? operation, HttpMethod method, string path, HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var status = (int)response.StatusCode;
        // What is not in the document has no shape, except that a refusal in its areas has the one that all have.
        operation ??= status >= 400 && IsOfOurAreas(path) ? OpenApiDocument.Cloudflare.Operation("listGateways") : null;
        if (operation is null)
            return;
        await response.Content.LoadIntoBufferAsync(cancellationToken);
        var body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
        if (body.AsSpan().IndexOf(AskedFor) < 0)
            Check($"The answer {status} to {method} {path} ({operation.Id})", operation.AnswerViolations(status, response.Content.Headers.ContentType?.MediaType, body), System.Text.Encoding.UTF8.GetString(body));
    }

    private static bool IsOfOurAreas(string path) =>
        path.StartsWith("/user/tokens", StringComparison.Ordinal)
        || (path.Split('/') is ["", "accounts", _, var area, ..] && area is "ai-gateway" or "secrets_store" or "tokens");

    private void Check(string what, IReadOnlyList<Violation> violations, string? body = null)
    {
        if (violations.Count == 0)
            return;
        var message = $"{what} does not fit the OpenAPI document:\n{string.Join('\n', violations.Take(20))}{(body is null ? "" : $"\n{(body.Length > 2000 ? body[..2000] : body)}")}";
        _broken.Enqueue(message);
        throw new ContractViolationException(message);
    }
}
