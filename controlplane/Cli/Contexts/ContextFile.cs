using System.Text.Json;
using GatewayOps.Cli.ControlPlane;
using GatewayOps.ControlPlane.Hosting;

namespace GatewayOps.Cli.Contexts;

/// <summary>A control plane by a name of one's own, with what opens it. Tokens are written to the file alone, and printed nowhere.</summary>
public sealed record ServiceContext(string Name, Uri Url, string? OperatorToken = null, string? ProxyToken = null)
{
    public override string ToString() => $"{Name} {Url}";
}

/// <summary>All of them, by name, and the one that holds where none is named.</summary>
public sealed record ContextList(string? Current, IReadOnlyList<ServiceContext> Contexts)
{
    public static ContextList Empty { get; } = new(null, []);

    public ServiceContext? Find(string name) => Contexts.FirstOrDefault(context => context.Name == name);

    /// <summary>With one more, or another in the place of its name. Pure.</summary>
    public ContextList With(ServiceContext added) => this with { Contexts = [.. Contexts.Where(context => context.Name != added.Name).Append(added).OrderBy(context => context.Name, StringComparer.Ordinal)] };

    /// <summary>Without one; if it was the current one, none is. Pure.</summary>
    public ContextList Without(string name) => new(Current == name ? null : Current, [.. Contexts.Where(context => context.Name != name)]);
}

/// <summary>
/// Where contexts are kept: GATEWAYOPS_CONFIG, else gatewayops/contexts.json in XDG_CONFIG_HOME, else in ~/.config. Owner-only, and replaced whole. Source: XDG Base Directory Specification.
/// </summary>
public sealed class ContextFile
{
    public const string PathVariable = "GATEWAYOPS_CONFIG";

    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true };

    private readonly string? _path;

    private ContextFile(string? path) => _path = path;

    /// <summary>For a process that has neither a home nor a variable that names one.</summary>
    public static ContextFile Nowhere { get; } = new(null);

    public static ContextFile Of(Surroundings surroundings)
    {
        var variables = surroundings.Variables;
        return new(
            variables.Given(PathVariable) is { } path ? Path.GetFullPath(path, surroundings.Folder)
            : variables.Given("XDG_CONFIG_HOME") is { } configuration && Path.IsPathRooted(configuration) ? In(configuration)
            : variables.Given(OperatingSystem.IsWindows() ? "USERPROFILE" : "HOME") is { } home ? In(Path.Combine(home, ".config"))
            : null);

        static string In(string folder) => Path.Combine(folder, "gatewayops", "contexts.json");
    }

    /// <summary>An address that a context may have: http or https, and no credentials in it, because it is printed. Null for others.</summary>
    public static Uri? UrlOf(string text) => Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url.UserInfo.Length == 0 ? url : null;

    public ContextList Read()
    {
        if (_path is null || !File.Exists(_path))
        {
            return ContextList.Empty;
        }

        try
        {
            var list = JsonSerializer.Deserialize<ContextList>(File.ReadAllBytes(_path), Json)!;
            return list.Contexts.All(context => UrlOf(context.Url.OriginalString) is not null) ? list : throw new JsonException("an address is not http or https, or holds credentials");
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            // Of a file with tokens, no line is shown.
            throw new CliException($"The contexts in {_path} cannot be read{(e is JsonException broken ? $": line {broken.LineNumber + 1} is not what `gatewayops config` writes" : $": {e.Message}")}.", $"put it right, or delete it: rm {_path}");
        }
    }

    public ServiceContext Demand(string name)
    {
        var list = Read();
        return list.Find(name) ?? throw new CliException(
            $"There is no context {name}{(list.Contexts.Count == 0 ? "" : $"; there is {string.Join(", ", list.Contexts.Select(context => context.Name))}")}.",
            $"gatewayops config set-context {name} --url URL");
    }

    public void Write(ContextList list)
    {
        var path = _path ?? throw new CliException($"There is no place for contexts: neither HOME nor XDG_CONFIG_HOME nor {PathVariable} is set.", $"export {PathVariable}=/path/to/contexts.json");
        try
        {
            if (Path.GetDirectoryName(path) is { Length: > 0 } folder && !Directory.Exists(folder))
            {
                if (OperatingSystem.IsWindows())
                {
                    Directory.CreateDirectory(folder);
                }
                else
                {
                    Directory.CreateDirectory(folder, Owner);
                }
            }

            PrivateFile.Replace(path, JsonSerializer.SerializeToUtf8Bytes(list, Json));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CliException($"The contexts cannot be written to {path}: {e.Message}", $"name a file that you may write with {PathVariable}");
        }
    }

    public override string ToString() => _path ?? "nowhere";
}
