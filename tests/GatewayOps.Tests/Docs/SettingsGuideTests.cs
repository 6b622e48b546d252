using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using GatewayOps.ControlPlane.Hosting;
using GatewayOps.ControlPlane.Upstreams;
using GatewayOps.Tests.Conventions;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Docs;

/// <summary>settings.md names every setting: those of the option classes, and those that the code reads by name.</summary>
public sealed partial class SettingsGuideTests
{
    // Read by name, with the default that the code gives them.
    private static readonly Dictionary<string, string> ByName = new()
    {
        ["ConnectionStrings:GatewayOps"] = "",
        ["urls"] = "`http://127.0.0.1:8787`",
        ["shutdownTimeoutSeconds"] = "`25`",
        ["GatewayOps:ParentPid"] = "",
        ["GatewayOps:FaultPoint"] = "",
    };

    [Fact]
    public void Settings_AreThoseOfTheCode() => GuideTable.Holds("settings.md", "Setting", [.. ByName.Select(setting => Row(setting.Key, setting.Value, "")), .. Options().SelectMany(Rows)]);

    [Fact]
    public void ByName_IsWhatTheCodeReads()
    {
        var read = SourceFile.Below("controlplane/Service").SelectMany(file => Reading().Matches(file.Text)).Select(match => match.Groups["connection"].Success
            ? $"ConnectionStrings:{match.Groups["connection"].Value}" : match.Groups["key"].Value);
        Assert.Equal(ByName.Keys.Order(), read.Distinct().Order());
    }

    [Fact]
    public void EnvironmentNames_AllLeadToASettingOfTheGuide()
    {
        var known = ByName.Keys.Concat(Options().SelectMany(Properties).Select(property => property.Key)).ToHashSet();
        Assert.All(EnvironmentNames.Table, entry => Assert.Contains(OfAnyProvider(entry.Setting), known));
    }

    [Fact]
    public void Readme_SettingsOfProduction_AreInTheGuide()
    {
        var guide = File.ReadAllText(Path.Combine(Repository.Root, "controlplane/docs/settings.md"));
        var names = SettingRow().Matches(File.ReadAllText(Path.Combine(Repository.Root, "README.md"))).SelectMany(row => Code().Matches(row.Value)).Select(code => code.Value).ToList();
        Assert.NotEmpty(names);
        Assert.All(names, name => Assert.Contains(name, guide));
    }

    private static IEnumerable<Type> Options() => typeof(ServiceHost).Assembly.GetTypes()
        .Where(type => type.GetField("Section", BindingFlags.Public | BindingFlags.Static) is not null)
        .OrderBy(type => Section(type), StringComparer.Ordinal).ThenBy(type => type.Name, StringComparer.Ordinal);

    private static string Section(Type options) => (string)options.GetField("Section")!.GetRawConstantValue()!;

    private static IEnumerable<(string Key, PropertyInfo Property, object Owner)> Properties(Type options)
    {
        foreach (var property in options.GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            // Of a list of options, the settings of its first element.
            if (Nullable.GetUnderlyingType(property.PropertyType) is not null || property.PropertyType is not { IsGenericType: true, GenericTypeArguments: [var element] })
            {
                yield return ($"{Section(options)}:{property.Name}", property, Activator.CreateInstance(options)!);
                continue;
            }

            foreach (var inner in element.GetProperties(BindingFlags.Public | BindingFlags.Instance))
            {
                yield return ($"{Section(options)}:{property.Name}:0:{inner.Name}", inner, Activator.CreateInstance(element)!);
            }
        }
    }

    private static IEnumerable<string[]> Rows(Type options) => Properties(options).Select(setting => Row(setting.Key, Default(setting.Property.GetValue(setting.Owner)), Allowed(setting.Property)));

    private static string[] Row(string key, string @default, string allowed)
    {
        var derived = key.StartsWith("GatewayOps:", StringComparison.Ordinal) || key.StartsWith("ConnectionStrings:", StringComparison.Ordinal) ? new[] { key.Replace(":", "__") } : [];
        var names = derived.Concat(EnvironmentNames.Table.Where(entry => OfAnyProvider(entry.Setting) == key).Select(entry => entry.Name)).Select(name => $"`{name}`").ToList();
        return [$"`{key}`", names.Count == 0 ? "none" : string.Join(", ", names), @default.Length == 0 ? "none" : @default, allowed.Length == 0 ? "any" : allowed];
    }

    // A row of providers has its own name where the guide says NAME.
    private static string OfAnyProvider(string setting) => setting.StartsWith("GatewayOps:Providers:", StringComparison.Ordinal) ? $"{ProviderOptions.Section}:{setting.Split(':')[^1]}" : setting;

    private static string Default(object? value) => value switch
    {
        null or "" => "",
        bool flag => flag ? "`true`" : "`false`",
        TimeSpan time => $"`{time:c}`",
        Enum choice => $"`{choice.ToString().ToLowerInvariant()}`",
        _ => $"`{Convert.ToString(value, CultureInfo.InvariantCulture)}`",
    };

    private static string Allowed(PropertyInfo property) => string.Join("; ", property.GetCustomAttributes<ValidationAttribute>().Reverse().Select(rule => rule switch
    {
        RequiredAttribute => "required",
        RangeAttribute range => $"{range.Minimum} to {range.Maximum}",
        RegularExpressionAttribute pattern => $"`{pattern.Pattern}`",
        AllowedValuesAttribute choice => string.Join(", ", choice.Values),
        HttpAddressAttribute => "an http or https address",
        _ => rule.GetType().Name,
    }).Order(StringComparer.Ordinal).Concat(property.PropertyType.IsEnum ? [string.Join(", ", Enum.GetNames(property.PropertyType).Select(name => name.ToLowerInvariant()))] : []));

    [GeneratedRegex("""onfiguration(\["(?<key>[^"]+)"\]|\.GetValue\("(?<key>[^"]+)"|\.GetConnectionString\("(?<connection>[^"]+)")""")]
    private static partial Regex Reading();

    [GeneratedRegex("^\\| `[A-Z].*$", RegexOptions.Multiline)]
    private static partial Regex SettingRow();

    [GeneratedRegex("(?<=`)[A-Z][A-Za-z]+_[A-Za-z_]+(?=`)")]
    private static partial Regex Code();
}
