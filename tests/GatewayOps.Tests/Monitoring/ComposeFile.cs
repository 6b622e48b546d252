using System.Text.RegularExpressions;
using GatewayOps.Tests.Support;
using YamlDotNet.Core;
using YamlDotNet.Serialization;

namespace GatewayOps.Tests.Monitoring;

/// <summary>A file or a volume in a container. `Source` is a path of the repository, or a volume's name.</summary>
public sealed record ComposeMount(string Source, string Target, bool IsReadOnly)
{
    public bool IsFile => Source.StartsWith("./", StringComparison.Ordinal);
}

/// <summary>One service of docker-compose.yml, merges done. What it lacks is empty.</summary>
public sealed record ComposeService(string Name, IDictionary<object, object> Map)
{
    public string Image => Text("image");
    public bool IsOurs => Map.ContainsKey("build");
    public string User => Text("user");
    public string WorkingFolder => Text("working_dir");
    public string Network => Text("network_mode");
    public IReadOnlyList<string> Command => List("command");
    public IReadOnlyList<string> Profiles => List("profiles");
    public IReadOnlyList<string> Ports => List("ports");
    public IReadOnlyDictionary<string, string> Environment => Pairs("environment");

    /// <summary>The health check's program and arguments, without CMD.</summary>
    public IReadOnlyList<string> Health => Map.TryGetValue("healthcheck", out var check) ? [.. ((IList<object>)((IDictionary<object, object>)check)["test"]).Cast<string>().Skip(1)] : [];

    /// <summary>Services that come first, and what is waited for.</summary>
    public IReadOnlyDictionary<string, string> After => Map.TryGetValue("depends_on", out var first)
        ? ((IDictionary<object, object>)first).ToDictionary(entry => (string)entry.Key, entry => (string)((IDictionary<object, object>)entry.Value)["condition"])
        : new Dictionary<string, string>();

    public IReadOnlyList<ComposeMount> Mounts => [.. List("volumes").Select(volume => volume.Split(':')).Select(parts => new ComposeMount(parts[0], parts[1], parts is [_, _, "ro"]))];

    public string Text(string key) => Map.TryGetValue(key, out var value) ? (string)value : "";

    public IReadOnlyList<string> List(string key) => Map.TryGetValue(key, out var value) ? [.. ((IList<object>)value).Cast<string>()] : [];

    private Dictionary<string, string> Pairs(string key) => Map.TryGetValue(key, out var value) ? ((IDictionary<object, object>)value).ToDictionary(pair => (string)pair.Key, pair => (string)pair.Value) : [];
}

/// <summary>docker-compose.yml at the root, and what our image brings.</summary>
public static partial class ComposeFile
{
    /// <summary>Variables that the Dockerfile sets.</summary>
    public static IReadOnlyDictionary<string, string> OfImage { get; } = Assignment().Matches(ImageVariables().Match(File.ReadAllText(Repository.File("Dockerfile"))).Value)
        .ToDictionary(match => match.Groups["name"].Value, match => match.Groups["value"].Value);

    /// <summary>The command by which the Dockerfile makes the program, but for where to.</summary>
    public static IReadOnlyList<string> PublishesBy { get; } = PublishCommand().Match(File.ReadAllText(Repository.File("Dockerfile"))).Groups["command"].Value.Split(' ');

    public static string Source { get; } = File.ReadAllText(Repository.File("docker-compose.yml"));

    private static readonly IDictionary<object, object> Document =
        (IDictionary<object, object>)new DeserializerBuilder().Build().Deserialize<object>(new MergingParser(new Parser(new StringReader(Source))))!;

    public static IReadOnlyDictionary<string, ComposeService> Services { get; } =
        MonitoringFiles.Map(Document, "services").ToDictionary(entry => (string)entry.Key, entry => new ComposeService((string)entry.Key, (IDictionary<object, object>)entry.Value));

    public static IReadOnlyList<string> Volumes { get; } = [.. MonitoringFiles.Map(Document, "volumes").Keys.Cast<string>()];

    [GeneratedRegex(@"^ENV (?:.*\\\n)*.*$", RegexOptions.Multiline)]
    private static partial Regex ImageVariables();

    [GeneratedRegex(@"^RUN (?<command>dotnet publish .*) -o /app$", RegexOptions.Multiline)]
    private static partial Regex PublishCommand();

    [GeneratedRegex(@"(?<name>[A-Z_a-z]+)=(?<value>\S+)")]
    private static partial Regex Assignment();
}
