using System.Net;
using System.Text;
using System.Text.Json;
using GatewayOps.Cloudflare;
using Microsoft.AspNetCore.WebUtilities;

namespace GatewayOps.Tests.Contract;

/// <summary>One request as it would have gone over the wire: path below `/client/v4`, query decoded and in its order, body when there is one.</summary>
internal sealed record SentRequest(string Method, string Path, IReadOnlyList<KeyValuePair<string, string>> Query, string? ContentType, byte[] Bytes)
{
    private const string Base = "/client/v4";

    public JsonElement? Body => Bytes.Length == 0 ? null : JsonElement.Parse(Bytes);

    /// <summary>The first request that our client makes for a call. It is answered with a failure that nobody repeats.</summary>
    public static async Task<SentRequest> OfAsync(ClientCall call)
    {
        var recorder = new Recorder();
        using var http = new HttpClient(recorder);
        var client = new CloudflareClient(http, new CloudflareOptions { AccountId = "acc", ApiToken = "token" }, TimeProvider.System);
        try
        {
            await call.Invoke(client);
        }
        catch (CloudflareException)
        {
            // It was sent; what becomes of it is another test's matter.
        }
        return recorder.First ?? throw new InvalidOperationException($"{call.Member} sent nothing");
    }

    private sealed class Recorder : HttpMessageHandler
    {
        public SentRequest? First { get; private set; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var pairs = new List<KeyValuePair<string, string>>();
            foreach (var pair in new QueryStringEnumerable(request.RequestUri!.Query))
                pairs.Add(KeyValuePair.Create(pair.DecodeName().ToString(), pair.DecodeValue().ToString()));
            First ??= new SentRequest(
                request.Method.Method, request.RequestUri.AbsolutePath[Base.Length..], pairs, request.Content?.Headers.ContentType?.MediaType,
                request.Content is null ? [] : await request.Content.ReadAsByteArrayAsync(cancellationToken));
            return new HttpResponseMessage(HttpStatusCode.Forbidden)
            {
                Content = new StringContent("""{"success":false,"errors":[{"code":10000,"message":"Authentication error"}]}""", Encoding.UTF8, "application/json"),
            };
        }
    }
}
