using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using GatewayOps.ControlPlane.Http;
using GatewayOps.ControlPlane.Reconciliation.Planning;
using GatewayOps.Rules;
using GatewayOps.Rules.Stacks;

namespace GatewayOps.ControlPlane.Reconciliation.Stacks;

/// <summary>The document, or every fault with its pointer.</summary>
public sealed record StackReading(StackDocument? Document, IReadOnlyList<RuleSetError> Errors);

/// <summary>
/// Reads a hand-over, or the outputs of a stack (`pulumi stack output --json`) that hold it as `handover` or `stack`, as an object or as JSON in a text. Pure and strict:
/// nothing unknown is taken, and nothing that looks like a secret, wherever it stands. No message repeats a value.
/// </summary>
public sealed partial class StackReader
{
    /// <summary>Largest input, in bytes.</summary>
    public const int MaxBytes = 1024 * 1024;

    /// <summary>Code of what looks like a secret.</summary>
    public const string SecretCode = "secret";

    private const int MostErrors = 50;

    private static readonly string[] Outputs = ["handover", "stack"];
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 32, AllowDuplicateProperties = false };

    private readonly List<RuleSetError> _errors = [];

    private StackReader()
    {
    }

    public static StackReading Read(ReadOnlyMemory<byte> utf8)
    {
        var reader = new StackReader();
        var document = reader.Root(utf8);
        return new StackReading(reader._errors.Count == 0 ? document : null, [.. reader._errors.Take(MostErrors)]);
    }

    private StackDocument? Root(ReadOnlyMemory<byte> utf8)
    {
        if (Parse(utf8, "") is not { } root)
        {
            return null;
        }

        if (root.ValueKind != JsonValueKind.Object)
        {
            Fault(RuleSetErrorCodes.WrongType, "", "The hand-over is an object.");
            return null;
        }

        if (root.TryGetProperty("schema", out _))
        {
            return Document(root, "");
        }

        var output = Outputs.FirstOrDefault(name => root.TryGetProperty(name, out var held) && held.ValueKind is JsonValueKind.Object or JsonValueKind.String);
        if (output is null || (root.GetProperty(output) is { ValueKind: JsonValueKind.String } name && !name.GetString()!.TrimStart().StartsWith('{')))
        {
            Fault(RuleSetErrorCodes.Required, "/schema", $"This is neither a hand-over (`schema` is \"{StackDocument.Version}\") nor the outputs of a stack that has one as `handover`: pass what `pulumi stack output --json` prints.");
            return null;
        }

        var handed = root.GetProperty(output);
        return handed.ValueKind == JsonValueKind.Object ? Document(handed, $"/{output}")
            : Parse(System.Text.Encoding.UTF8.GetBytes(handed.GetString()!), $"/{output}") is { ValueKind: JsonValueKind.Object } parsed ? Document(parsed, $"/{output}")
            : null;
    }

    private JsonElement? Parse(ReadOnlyMemory<byte> utf8, string pointer)
    {
        try
        {
            using var parsed = JsonDocument.Parse(utf8, Strict);
            // Texts are decoded here once: one that is no Unicode is a fault of the input and not of ours.
            return Decoded(parsed.RootElement) ? parsed.RootElement.Clone() : throw new JsonException();
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            Fault(RuleSetErrorCodes.InvalidJson, pointer, $"{(pointer.Length == 0 ? "The body" : pointer)} is not JSON of up to 32 levels in which each member stands once.");
            return null;
        }
    }

    private static bool Decoded(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().All(member => member.Name is not null && Decoded(member.Value)),
        JsonValueKind.Array => element.EnumerateArray().All(Decoded),
        JsonValueKind.String => element.GetString() is not null,
        _ => true,
    };

    private StackDocument? Document(JsonElement root, string at)
    {
        Secrets(root, at);
        Members(root, at, "schema", "project", "stack", "accountId", "endpoint", "secretsStore", "gateways", "secrets", "tokens");
        if (Text(root, at, "schema", required: true) is { } schema && schema != StackDocument.Version)
        {
            Fault(RuleSetErrorCodes.InvalidValue, $"{at}/schema", $"{at}/schema must be \"{StackDocument.Version}\": make the hand-over with a stack of this version, or use another version of the service.");
        }

        var project = Text(root, at, "project", required: true, Name(), NameRule);
        var stack = Text(root, at, "stack", required: true, Name(), NameRule);
        var account = Text(root, at, "accountId", required: true, Id(), IdRule);
        var endpoint = Text(root, at, "endpoint", required: false);
        if (endpoint is not null && !(Uri.TryCreate(endpoint, UriKind.Absolute, out var url) && url is { Scheme: "http" or "https", UserInfo: "", Query: "", Fragment: "" }))
        {
            Fault(RuleSetErrorCodes.InvalidValue, $"{at}/endpoint", $"{at}/endpoint must be an absolute http or https address without user, query or fragment.");
        }

        var gateways = Items(root, at, "gateways", required: true).Select(item => Gateway(item.Element, item.At)).ToList();
        var known = gateways.Select(gateway => gateway?.Id).ToHashSet();
        Distinct(gateways.Select(gateway => gateway?.Id), $"{at}/gateways", "id");
        var secrets = Items(root, at, "secrets", required: false).Select(item => Secret(item.Element, item.At, known)).ToList();
        Distinct(secrets.Select(secret => secret?.Name), $"{at}/secrets", "name");
        var tokens = Items(root, at, "tokens", required: false).Select(item => Token(item.Element, item.At)).ToList();
        var store = Store(root, at);
        return _errors.Count > 0 ? null : new StackDocument
        {
            Project = project!,
            Stack = stack!,
            AccountId = account!,
            Endpoint = endpoint,
            SecretsStoreId = store,
            Gateways = [.. gateways.Select(gateway => gateway!)],
            Secrets = [.. secrets.Select(secret => secret!)],
            Tokens = [.. tokens.Select(token => token!)],
        };
    }

    private string? Store(JsonElement root, string at)
    {
        if (!root.TryGetProperty("secretsStore", out var store))
        {
            return null;
        }

        if (store.ValueKind != JsonValueKind.Object)
        {
            Fault(RuleSetErrorCodes.WrongType, $"{at}/secretsStore", $"{at}/secretsStore must be an object with `id`.");
            return null;
        }

        Members(store, $"{at}/secretsStore", "id");
        return Text(store, $"{at}/secretsStore", "id", required: true, Id(), IdRule);
    }

    private StackGateway? Gateway(JsonElement gateway, string at)
    {
        Members(gateway, at, "id", "fields");
        var id = Text(gateway, at, "id", required: true);
        if (id is not null && !GatewayId.IsValid(id))
        {
            Fault(RuleSetErrorCodes.InvalidValue, $"{at}/id", $"{at}/id must be {GatewayId.Rule}.");
        }

        if (!gateway.TryGetProperty("fields", out var given))
        {
            return id is null ? null : new StackGateway(id, new Dictionary<string, JsonNode?>());
        }

        if (given.ValueKind != JsonValueKind.Object)
        {
            Fault(RuleSetErrorCodes.WrongType, $"{at}/fields", $"{at}/fields must be an object of gateway fields.");
            return null;
        }

        var fields = new JsonObject();
        foreach (var member in given.EnumerateObject())
        {
            var pointer = $"{at}/fields/{JsonPointer.Escape(member.Name)}";
            switch (FieldOwnership.Of(member.Name))
            {
                case null:
                    Fault(RuleSetErrorCodes.UnknownField, pointer, "Cloudflare's gateways have no such field, or this version does not know it: leave it out.");
                    break;
                case FieldOwner.ControlPlane:
                    Fault(RuleSetErrorCodes.InvalidValue, pointer, $"{member.Name} belongs to the control plane, and rule sets say what it is: leave it out.");
                    break;
                default:
                    if (HandOverFormat.WithCredentials.Contains(member.Name))
                    {
                        Fault(SecretCode, pointer, $"{member.Name} may hold credentials, which stay with Pulumi: leave it out.");
                    }
                    else
                    {
                        fields[member.Name] = JsonNode.Parse(member.Value.GetRawText());
                    }

                    break;
            }
        }

        // Types and ranges are those of a rule set's settings, but for what only rule sets must not hold.
        foreach (var error in RuleSetReader.Read(JsonSerializer.SerializeToUtf8Bytes(new { settings = fields })).Errors.Where(error => error.Code != RuleSetErrorCodes.NotSupported))
        {
            // Its own words may repeat the value.
            var pointer = $"{at}/fields{error.Pointer["/settings".Length..]}";
            Fault(error.Code, pointer, $"{pointer} is of the wrong type or out of its range: give what `pulumi up` gives Cloudflare.");
        }

        return id is null ? null : new StackGateway(id, fields.ToDictionary(field => field.Key, field => field.Value));
    }

    private StackSecret? Secret(JsonElement secret, string at, HashSet<string?> gateways)
    {
        Members(secret, at, "name", "id", "gateway", "provider", "alias");
        var name = Text(secret, at, "name", required: true);
        var id = Text(secret, at, "id", required: false, Id(), IdRule);
        var gateway = Text(secret, at, "gateway", required: true);
        var given = Text(secret, at, "provider", required: true);
        var alias = Text(secret, at, "alias", required: false, Alias(), "1 to 64 of a-z 0-9 -") ?? DeclaredKey.DefaultAlias;
        if (gateway is not null && !gateways.Contains(gateway))
        {
            Fault(RuleSetErrorCodes.InvalidValue, $"{at}/gateway", $"{at}/gateway must be one of this document's gateways.");
        }

        var provider = given is null ? null : ProviderCatalogue.SlugOf(given);
        if (given is not null && provider is null)
        {
            Fault(RuleSetErrorCodes.UnknownProvider, $"{at}/provider", $"The gateway has no such provider{(ProviderCatalogue.Suggest(given) is { } near ? $"; did you mean {near}?" : ".")}");
        }

        if (name is null || gateway is null || provider is null)
        {
            return null;
        }

        if (name != DeclaredKey.SecretNameOf(gateway, provider, alias))
        {
            Fault(RuleSetErrorCodes.InvalidValue, $"{at}/name", $"{at}/name must be {{gateway}}_{{provider}}_{{alias}}, or Cloudflare does not find the key: name the secret so in the stack.");
        }

        return new StackSecret(name, id, gateway, provider, alias);
    }

    private string? Token(JsonElement token, string at)
    {
        Members(token, at, "name");
        return Text(token, at, "name", required: true, Label(), "1 to 120 printable characters");
    }

    private IEnumerable<(JsonElement Element, string At)> Items(JsonElement owner, string at, string name, bool required)
    {
        var pointer = $"{at}/{name}";
        if (!owner.TryGetProperty(name, out var list))
        {
            if (required)
            {
                Fault(RuleSetErrorCodes.Required, pointer, $"{pointer} is required: add it.");
            }

            yield break;
        }

        if (list.ValueKind != JsonValueKind.Array || (required && list.GetArrayLength() == 0) || list.GetArrayLength() > 1000)
        {
            Fault(RuleSetErrorCodes.WrongType, pointer, $"{pointer} must be a list of {(required ? 1 : 0)} to 1000 objects.");
            yield break;
        }

        var index = 0;
        foreach (var item in list.EnumerateArray())
        {
            var itemAt = $"{pointer}/{index++}";
            if (item.ValueKind == JsonValueKind.Object)
            {
                yield return (item, itemAt);
            }
            else
            {
                Fault(RuleSetErrorCodes.WrongType, itemAt, $"{itemAt} must be an object.");
            }
        }
    }

    private string? Text(JsonElement owner, string at, string name, bool required, Regex? pattern = null, string? rule = null)
    {
        var pointer = $"{at}/{name}";
        if (!owner.TryGetProperty(name, out var value) || (value.ValueKind == JsonValueKind.Null && !required))
        {
            if (required)
            {
                Fault(RuleSetErrorCodes.Required, pointer, $"{pointer} is required: add it.");
            }

            return null;
        }

        if (value.ValueKind != JsonValueKind.String || value.GetString() is not { Length: > 0 } text)
        {
            Fault(RuleSetErrorCodes.WrongType, pointer, $"{pointer} must be a text that is not empty.");
            return null;
        }

        if (pattern?.IsMatch(text) == false)
        {
            Fault(RuleSetErrorCodes.InvalidValue, pointer, $"{pointer} must be {rule}.");
            return null;
        }

        return text;
    }

    private void Members(JsonElement owner, string at, params string[] known)
    {
        foreach (var member in owner.EnumerateObject().Where(member => !known.Contains(member.Name)))
        {
            var pointer = $"{at}/{JsonPointer.Escape(member.Name)}";
            if (SecretName().IsMatch(member.Name))
            {
                Fault(SecretCode, pointer, $"{pointer}: a hand-over holds names and ids, never a secret. Remove it from the stack's outputs.");
            }
            else
            {
                Fault(RuleSetErrorCodes.UnknownField, pointer, $"There is no field {pointer} in {StackDocument.Version}: remove it, or correct its name.");
            }
        }
    }

    private void Secrets(JsonElement element, string at)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var member in element.EnumerateObject())
                {
                    Secrets(member.Value, $"{at}/{JsonPointer.Escape(member.Name)}");
                }

                break;
            case JsonValueKind.Array:
                var index = 0;
                foreach (var item in element.EnumerateArray())
                {
                    Secrets(item, $"{at}/{index++}");
                }

                break;
            case JsonValueKind.String when SecretShape.Matches(element.GetString()!):
                Fault(SecretCode, at, $"{at} looks like a secret: a hand-over holds names and ids only. Remove it from the stack's outputs, and rotate it.");
                break;
            default:
                break;
        }
    }

    private void Distinct(IEnumerable<string?> values, string at, string member)
    {
        var seen = new HashSet<string>();
        var index = 0;
        foreach (var value in values)
        {
            if (value is not null && !seen.Add(value))
            {
                Fault(RuleSetErrorCodes.DuplicateName, $"{at}/{index}/{member}", $"{at}/{index}/{member} is given twice: remove one.");
            }

            index++;
        }
    }

    private void Fault(string code, string pointer, string message) => _errors.Add(new RuleSetError(code, pointer, message));

    private const string NameRule = "1 to 100 of A-Z a-z 0-9 . _ -";
    private const string IdRule = "an id of Cloudflare: 1 to 64 of A-Z a-z 0-9 _ -";

    [GeneratedRegex(@"\A[A-Za-z0-9._-]{1,100}\z", RegexOptions.NonBacktracking)]
    private static partial Regex Name();

    [GeneratedRegex(@"\A[A-Za-z0-9_-]{1,64}\z", RegexOptions.NonBacktracking)]
    private static partial Regex Id();

    [GeneratedRegex(@"\A[a-z0-9-]{1,64}\z", RegexOptions.NonBacktracking)]
    private static partial Regex Alias();

    [GeneratedRegex(@"\A[^\p{C}]{1,120}\z", RegexOptions.NonBacktracking)]
    private static partial Regex Label();

    [GeneratedRegex(@"value|secret$|passw|credential|api_?key|authorization|private", RegexOptions.IgnoreCase | RegexOptions.NonBacktracking)]
    private static partial Regex SecretName();
}
