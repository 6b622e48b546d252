using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace GatewayOps.Cli.ControlPlane;

/// <summary>The operator API as the verbs use it: JSON in, JSON out; a problem document becomes a <see cref="CliException"/>.</summary>
public sealed class ControlPlaneApi : IDisposable
{
    private readonly HttpClient _http;
    private readonly ServiceAddress _address;

    public ControlPlaneApi(ServiceAddress address, HttpMessageHandler? handler = null)
    {
        _address = address;
        _http = new HttpClient(handler ?? new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false })
        {
            BaseAddress = address.Url,
            Timeout = TimeSpan.FromMinutes(2),
        };
        if (address.Token is { Length: > 0 } token)
        {
            if (token.Any(c => c is <= ' ' or > '~'))
            {
                throw new CliException(
                    $"The token for {address.Url} has a blank or a character that a header cannot carry, such as the end of a line.", $"copy it again: export {address.TokenName}=TOKEN, or gatewayops config set-context for one that a context has");
            }

            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }
    }

    public async Task<JsonNode> GetAsync(string path, CancellationToken cancellationToken) =>
        Parse(await TextAsync(HttpMethod.Get, path, content: null, ifMatch: null, cancellationToken));

    public Task<string> GetTextAsync(string path, CancellationToken cancellationToken) => TextAsync(HttpMethod.Get, path, content: null, ifMatch: null, cancellationToken);

    public Task<JsonNode> PostAsync(string path, JsonNode body, CancellationToken cancellationToken) =>
        PostAsync(path, Encoding.UTF8.GetBytes(body.ToJsonString()), cancellationToken);

    public async Task<JsonNode> PostAsync(string path, byte[] body, CancellationToken cancellationToken)
    {
        using var content = new ByteArrayContent(body) { Headers = { ContentType = new("application/json") } };
        return Parse(await TextAsync(HttpMethod.Post, path, content, ifMatch: null, cancellationToken));
    }

    /// <summary>Makes something that may be there already. `Made`: it was not (201).</summary>
    public async Task<(JsonNode Answer, bool Made)> MakeAsync(string path, JsonNode body, CancellationToken cancellationToken)
    {
        using var content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        using var response = await SendAsync(HttpMethod.Post, path, content, ifMatch: null, cancellationToken);
        await EnsureAsync(response, path, cancellationToken);
        return (Parse(await response.Content.ReadAsStringAsync(cancellationToken)), response.StatusCode == HttpStatusCode.Created);
    }

    public async Task DeleteAsync(string path, string? ifMatch, CancellationToken cancellationToken) =>
        await TextAsync(HttpMethod.Delete, path, content: null, ifMatch, cancellationToken);

    /// <summary>Replaces what was read under <paramref name="ifMatch"/>.</summary>
    public async Task<JsonNode> PutAsync(string path, JsonNode body, string? ifMatch, CancellationToken cancellationToken)
    {
        using var content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        return Parse(await TextAsync(HttpMethod.Put, path, content, ifMatch, cancellationToken));
    }

    /// <summary>A resource and its strong entity tag, for a write that must not overwrite somebody else's.</summary>
    public async Task<(string Text, string? EntityTag)> ReadAsync(string path, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(HttpMethod.Get, path, content: null, ifMatch: null, cancellationToken);
        await EnsureAsync(response, path, cancellationToken);
        return (await response.Content.ReadAsStringAsync(cancellationToken), response.Headers.ETag?.ToString());
    }

    /// <summary>As <see cref="ReadAsync"/>; null when there is no such resource.</summary>
    public async Task<string?> FindAsync(string path, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(HttpMethod.Get, path, content: null, ifMatch: null, cancellationToken);
        if (response.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }

        await EnsureAsync(response, path, cancellationToken);
        return await response.Content.ReadAsStringAsync(cancellationToken);
    }

    /// <summary>A name as a segment of a path. However it is written, `..` would lead to another resource.</summary>
    public static string Segment(string name) => name is "." or ".." ? throw new CliException($"'{name}' is no name.", "give it as the list of the verb shows it") : Uri.EscapeDataString(name);

    public void Dispose() => _http.Dispose();

    private async Task<string> TextAsync(HttpMethod method, string path, HttpContent? content, string? ifMatch, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(method, path, content, ifMatch, cancellationToken);
        await EnsureAsync(response, path, cancellationToken);
        return await response.Content.ReadAsStringAsync(cancellationToken);
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, HttpContent? content, string? ifMatch, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        if (ifMatch is not null)
        {
            request.Headers.IfMatch.ParseAdd(ifMatch);
        }

        try
        {
            return await _http.SendAsync(request, cancellationToken);
        }
        catch (HttpRequestException e)
        {
            throw new ServiceUnreachableException(
                $"The service at {_address.Url} cannot be reached: {e.InnerException?.Message ?? e.HttpRequestError.ToString()}.",
                _address.Source is AddressSource.Flag or AddressSource.Context
                    ? "gatewayops config get-contexts shows where it is said to be; --context names another"
                    : $"gatewayops dev, or set {ServiceAddress.UrlVariable} to where the service runs");
        }
        catch (TaskCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ServiceUnreachableException(
                $"The service at {_address.Url} did not answer within {_http.Timeout.TotalSeconds:0} s.",
                method == HttpMethod.Get ? "gatewayops doctor" : "gatewayops runs shows whether it was done all the same");
        }
    }

    private async Task EnsureAsync(HttpResponseMessage response, string path, CancellationToken cancellationToken)
    {
        if (response.IsSuccessStatusCode)
        {
            return;
        }

        var text = await response.Content.ReadAsStringAsync(cancellationToken);
        throw Problem.Read(response, text, path, _address);
    }

    private JsonNode Parse(string text)
    {
        try
        {
            return JsonNode.Parse(text) ?? new JsonObject();
        }
        catch (JsonException)
        {
            throw new CliException($"{_address.Url} answered with something that is not JSON.", $"check that {ServiceAddress.UrlVariable} names a GatewayOps service");
        }
    }
}
