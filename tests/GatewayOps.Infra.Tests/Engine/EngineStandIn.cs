using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace GatewayOps.Infra.Tests.Engine;

/// <summary>
/// Stands where Pulumi's engine does for one run of the program: answers ResourceMonitor and Engine over gRPC, makes nothing, and keeps what was registered and logged.
/// Ids are of the form `id-of-NAME`. What a provider or Cloudflare would say to the inputs it does not know.
/// </summary>
internal sealed class EngineStandIn : IAsyncDisposable
{
    private static readonly string[] Features = ["secrets", "resourceReferences", "aliasSpecs", "deletedWith"];

    private readonly WebApplication _app;
    private readonly bool _isPreview;
    private readonly JsonObject _groups;
    private readonly ConcurrentQueue<Registration> _registrations = new();
    private readonly ConcurrentQueue<string> _log = new();
    private readonly ConcurrentQueue<JsonObject> _invokes = new();
    private readonly ConcurrentDictionary<string, JsonObject> _outputs = new();

    private EngineStandIn(bool isPreview, JsonObject groups)
    {
        (_isPreview, _groups) = (isPreview, groups);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0").ConfigureKestrel(kestrel => kestrel.ConfigureEndpointDefaults(listen => listen.Protocols = HttpProtocols.Http2));
        _app = builder.Build();
        _app.MapPost("/pulumirpc.{service}/{method}", AnswerAsync);
    }

    /// <summary>In the order of arrival, the stack first.</summary>
    public IReadOnlyList<Registration> Registrations => [.. _registrations];

    public IReadOnlyList<string> Log => [.. _log];

    public IReadOnlyList<JsonObject> Invokes => [.. _invokes];

    /// <summary>Registered outputs by URN.</summary>
    public IReadOnlyDictionary<string, JsonObject> Outputs => _outputs;

    /// <summary>`host:port`, as PULUMI_MONITOR and PULUMI_ENGINE take it.</summary>
    public string Address => new Uri(_app.Urls.First()).Authority;

    /// <param name="isPreview">Nothing is made, so that ids and what Cloudflare adds are unknown.</param>
    /// <param name="groups">The account's permission groups, in the place of <see cref="Stubs.PermissionGroups"/>.</param>
    public static async Task<EngineStandIn> StartAsync(bool isPreview = false, JsonObject? groups = null)
    {
        var engine = new EngineStandIn(isPreview, groups ?? Stubs.PermissionGroups());
        await engine._app.StartAsync();
        return engine;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context, string service, string method)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        // A message is a byte that says whether it is compressed, its length in four, and itself.
        var answer = Answer($"{service}.{method}", body.ToArray().AsMemory(5));
        context.Response.ContentType = "application/grpc";
        if (answer is null)
        {
            context.Response.Headers["grpc-status"] = "12";
            return;
        }

        var frame = new byte[answer.Length + 5];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), answer.Length);
        answer.CopyTo(frame, 5);
        await context.Response.Body.WriteAsync(frame);
        context.Response.AppendTrailer("grpc-status", "0");
    }

    // Null: not implemented, as an older engine says.
    private byte[]? Answer(string method, ReadOnlyMemory<byte> message) => method switch
    {
        "ResourceMonitor.SupportsFeature" => Wire.Message((1, Features.Contains(Wire.TextOf(Wire.Read(message), 1)))),
        "ResourceMonitor.RegisterResource" => Register(Registration.Read(message)),
        "ResourceMonitor.RegisterResourceOutputs" => Take(message),
        "ResourceMonitor.Invoke" => Invoke(Wire.Read(message)),
        "ResourceMonitor.SignalAndWaitForShutdown" => [],
        "Engine.Log" => Note(Wire.Read(message)),
        "Engine.SetRootResource" => [],
        _ => null,
    };

    private byte[] Register(Registration registration)
    {
        _registrations.Enqueue(registration);
        // What a provider adds to the inputs of a token: its value, in the envelope of a secret if the program asked for that.
        var state = registration.Inputs.DeepClone().AsObject();
        if (registration.Type == Stubs.TokenType && !_isPreview)
            state["value"] = Stubs.Secret(Stubs.TokenValue(registration.Name));
        return Wire.Message((1, registration.Urn), (2, registration.IsCustom && !_isPreview ? $"id-of-{registration.Name}" : ""), (3, Wire.Struct(state)));
    }

    private byte[] Take(ReadOnlyMemory<byte> message)
    {
        var request = Wire.Read(message);
        _outputs[Wire.TextOf(request, 1)] = request.Where(item => item.Field == 2).Select(item => Wire.Struct(item.Bytes)).LastOrDefault() ?? [];
        return [];
    }

    private byte[] Invoke(IReadOnlyList<(int Field, ulong Number, ReadOnlyMemory<byte> Bytes)> request)
    {
        _invokes.Enqueue(new JsonObject { ["token"] = Wire.TextOf(request, 1), ["args"] = request.Where(item => item.Field == 2).Select(item => Wire.Struct(item.Bytes)).LastOrDefault() });
        return Wire.Message((1, Wire.Struct(_groups)));
    }

    private byte[] Note(IReadOnlyList<(int Field, ulong Number, ReadOnlyMemory<byte> Bytes)> request)
    {
        _log.Enqueue($"{request.Where(item => item.Field == 1).Select(item => item.Number).LastOrDefault() switch { 3 => "error", 2 => "warning", 1 => "info", _ => "debug" }}: {Wire.TextOf(request, 2)}");
        return [];
    }
}
