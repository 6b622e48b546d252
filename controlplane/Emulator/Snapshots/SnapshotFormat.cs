using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using GatewayOps.Emulator.Management;
using GatewayOps.Emulator.Management.Gateways;
using GatewayOps.Emulator.State;
using static GatewayOps.Emulator.Management.Shapes;
using static GatewayOps.Emulator.Snapshots.SnapshotWords;

namespace GatewayOps.Emulator.Snapshots;

/// <summary>The state of an emulator as JSON: how it is written, what is accepted, and how it becomes state again. Version 1.</summary>
public sealed class SnapshotFormat
{
    public const string Name = "gatewayops-emulator-state";
    public const int Version = 1;

    private const double LongestAhead = 100d * 366 * 86_400;

    private static readonly JsonSerializerOptions Writing = new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly IReadOnlyList<SnapshotPart<World>> _accountParts;
    private readonly IReadOnlyList<SnapshotPart<GatewayState>> _gatewayParts;
    private readonly EmulatorState _state;
    private readonly EmulatorOptions _options;
    private readonly EmulatorClock _clock;

    public SnapshotFormat(AccountParts account, GatewayParts gateway, GatewayShape fields, EmulatorState state, EmulatorOptions options, EmulatorClock clock)
    {
        (_accountParts, _gatewayParts) = (account.All, gateway.All);
        (_state, _options, _clock) = (state, options, clock);
        Shape = Closed(
        [
            new Member("format", OneOf(Name), Required: true),
            new Member("version", Integer(1), Required: true),
            new Member("account", Text(1)),
            new Member("clockAheadSeconds", NumberBetween(0, LongestAhead)),
            .. _accountParts.Select(part => new Member(part.Name, part.Shape)),
            new Member("gateways", ArrayOf(Closed(
            [
                new Member("id", GatewayShape.Id, Required: true),
                new Member("internalId", Text(1)),
                CreatedAt,
                ModifiedAt,
                Body(fields.Update),
                .. _gatewayParts.Select(part => new Member(part.Name, part.Shape)),
            ]))),
        ]);
    }

    /// <summary>What a file must look like: also the schema that the emulator's OpenAPI page shows.</summary>
    public Shape Shape { get; }

    /// <summary>The state now, each area of it at one moment.</summary>
    public byte[] Save(SnapshotChoice choice)
    {
        var account = _state.FindAccount(_options.AccountId)!;
        var file = new JsonObject { ["format"] = Name, ["version"] = Version, ["account"] = account.Id };
        // A clock that runs with the system's leaves no trace: the same state is the same file.
        if (_clock.Ahead > TimeSpan.Zero)
            file["clockAheadSeconds"] = _clock.Ahead.TotalSeconds;
        Add(file, _accountParts, new World(account, _state.Tokens), choice);
        if (Listed(account.Gateways, gateway => Saved(gateway, choice)) is { } gateways)
            file["gateways"] = gateways;
        return [.. JsonSerializer.SerializeToUtf8Bytes(file, Writing), (byte)'\n'];
    }

    /// <summary>
    /// Reads a file and tries it on an account of its own: what is returned fills another one, as often as it is asked to. The ids of an account's id are not
    /// compared: a fixture may be loaded into any account.
    /// </summary>
    /// <exception cref="SnapshotException">It is no JSON, has another format or version, or says something that cannot be.</exception>
    public LoadedSnapshot Read(ReadOnlyMemory<byte> file)
    {
        var saved = Parse(file);
        if (saved.ValueKind == JsonValueKind.Object && saved.TryGetProperty("version", out var version) && version.ValueKind == JsonValueKind.Number && version.GetDouble() > Version)
            throw new SnapshotException("/version", $"made by a newer emulator: this one reads versions up to {Version}");
        if (Shape.ErrorsOf(saved) is [var first, ..])
            throw new SnapshotException(first.Path!, first.Message);
        var ahead = TimeSpan.FromSeconds(saved.NumberOf("clockAheadSeconds") ?? 0);
        var loaded = new LoadedSnapshot(world => Fill(world, saved), ahead);
        loaded.Fill(_state.NewWorld());
        return loaded;
    }

    private static JsonElement Parse(ReadOnlyMemory<byte> file)
    {
        try
        {
            return JsonText.Parse(file);
        }
        catch (JsonException e)
        {
            throw new SnapshotException("", $"no JSON: {JsonText.WhatIsWrong(e)}");
        }
        catch (InvalidOperationException)
        {
            throw new SnapshotException("", "holds a text that is no Unicode");
        }
    }

    private JsonObject Saved(GatewayState gateway, SnapshotChoice choice)
    {
        var fields = Node(gateway.Fields);
        var json = new JsonObject
        {
            ["id"] = gateway.Id,
            ["internalId"] = gateway.InternalId,
            ["createdAt"] = Written(gateway.CreatedAt),
            ["modifiedAt"] = Written(gateway.ModifiedAt),
            ["body"] = choice.SecretValues ? fields : Redaction.Gateway(fields),
        };
        Add(json, _gatewayParts, gateway, choice);
        return json;
    }

    private void Fill(World world, JsonElement saved)
    {
        Restore(_accountParts, world, saved, FieldPath.Body);
        if (!saved.TryGetProperty("gateways", out var gateways))
            return;
        foreach (var (item, path) in gateways.Items(FieldPath.Body["gateways"]))
        {
            var (id, now) = (item.TextOf("id")!, _clock.GetUtcNow());
            var origin = new GatewayOrigin(item.IdOr(Identifier.NewUuid(), "internalId"), item.TimeOf("createdAt") ?? now, item.TimeOf("modifiedAt") ?? item.TimeOf("createdAt") ?? now);
            // A body that was written by hand may have the required members alone.
            if (world.Account.RestoreGateway(id, GatewayFields.Settled(JsonObject.Create(item.Body())!), origin) is not { } gateway)
                throw new SnapshotException(path["id"], $"gateway '{id}' is there twice");
            Restore(_gatewayParts, gateway, item, path);
        }
    }

    private static void Add<TOwner>(JsonObject json, IReadOnlyList<SnapshotPart<TOwner>> parts, TOwner owner, SnapshotChoice choice)
    {
        foreach (var part in parts)
        {
            if (part.Save(owner, choice) is { } saved)
                json[part.Name] = saved;
        }
    }

    private static void Restore<TOwner>(IReadOnlyList<SnapshotPart<TOwner>> parts, TOwner owner, JsonElement saved, FieldPath path)
    {
        foreach (var part in parts)
        {
            if (saved.TryGetProperty(part.Name, out var value))
                part.Restore(owner, value, path[part.Name]);
        }
    }
}

/// <summary>A snapshot that was read and tried.</summary>
/// <param name="Fill">Puts it into an empty account.</param>
/// <param name="ClockAhead">How far the clock was before the system's.</param>
public sealed record LoadedSnapshot(Action<World> Fill, TimeSpan ClockAhead);
