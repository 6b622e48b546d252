using System.Text.Json.Nodes;
using GatewayOps.Infra.Spec;
using GatewayOps.Tests.Support;
using YamlDotNet.RepresentationModel;
using static GatewayOps.Tests.Infra.Configurations;

namespace GatewayOps.Tests.Infra;

/// <summary>Pulumi.yaml and the stack's example say what the reader takes.</summary>
public class PulumiFilesTests
{
    private static readonly Dictionary<FieldKind, string[]> Types = new()
    {
        [FieldKind.Flag] = ["boolean"],
        [FieldKind.Integer] = ["integer"],
        [FieldKind.Text] = ["string"],
        [FieldKind.Tree] = ["object", "array"],
    };

    // Pulumi refuses to run a stack that lacks a declared key without a default.
    [Fact]
    public void Project_EveryKeyButTheAccount_HasTypeDescriptionAndTheReadersDefault()
    {
        var keys = ProjectConfig();

        var reading = Read([.. keys.Where(key => key.Value.Default is not null).Select(key => (key.Key, key.Value.Default!)), ("accountId", Account)]);

        Assert.Empty(reading.Errors);
        Assert.Equal(["accountId"], keys.Where(key => key.Value.Default is null).Select(key => key.Key));
        Assert.True(JsonNode.DeepEquals(Spec().Gateways[0].Fields, reading.Spec!.Gateways[0].Fields));
        Assert.Equal((Spec().Protect, Spec().StoreName, Spec().GatewayBaseUrl, "openai-compat"), (reading.Spec.Protect, reading.Spec.StoreName, reading.Spec.GatewayBaseUrl, reading.Spec.Gateways[0].Id));
        Assert.All(keys.Values, key => Assert.False(string.IsNullOrEmpty(key.Description)));
        Assert.Contains($"keys of this stack are {string.Join(", ", keys.Keys.Order(StringComparer.Ordinal))}.", Read(("?", "")).Errors.Single(error => error.Path == "?").Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Project_GatewayKeys_HaveTheTypesOfTheirFields() =>
        Assert.All(GatewayField.All, field => Assert.Contains(ProjectConfig()[field.Key].Type, Types[field.Kind]));

    [Fact]
    public void Project_RefreshesAlways_AndRunsInfra()
    {
        var project = Yaml("Pulumi.yaml");

        Assert.Equal("infra", project["main"].ToString());
        Assert.Equal("dotnet", project["runtime"].ToString());
        Assert.Equal("always", project["options"]["refresh"].ToString());
    }

    [Fact]
    public void ExampleStack_WithAnAccountAndTheKeyItNames_IsValidAndHasNothingInClear()
    {
        var config = ((YamlMappingNode)Yaml("Pulumi.dev.yaml")["config"]).Select(entry => (entry.Key.ToString().Split(':')[1], Text(entry.Value)));

        var reading = StackSpecReader.Read(Plain([.. config, ("accountId", Account)]), name => name == "OPENAI_API_KEY" ? "sk-canary" : null);

        Assert.Empty(reading.Errors);
        Assert.Equal(("dev", "dev_openai_default", 2), (reading.Spec!.Gateways.Single().Id, reading.Spec.Keys.Single().SecretName, reading.Spec.Tokens.Count));
    }

    private static Dictionary<string, (string Type, string? Default, string Description)> ProjectConfig() =>
        ((YamlMappingNode)Yaml("Pulumi.yaml")["config"]).ToDictionary(
            entry => entry.Key.ToString(),
            entry => (entry.Value["type"].ToString(), Child(entry.Value, "default") is { } value ? Text(value) : null, entry.Value["description"].ToString()));

    // As the engine gives it: scalars as text, the rest as JSON.
    private static string Text(YamlNode node) => node is YamlScalarNode scalar ? scalar.Value! : Json(node)!.ToJsonString();

    private static JsonNode? Json(YamlNode node) => node switch
    {
        YamlMappingNode mapping => new JsonObject(mapping.Select(entry => KeyValuePair.Create(entry.Key.ToString(), Json(entry.Value)))),
        YamlSequenceNode sequence => new JsonArray([.. sequence.Select(Json)]),
        YamlScalarNode { Style: YamlDotNet.Core.ScalarStyle.Plain } scalar when scalar.Value is "true" or "false" || double.TryParse(scalar.Value, out _) => JsonNode.Parse(scalar.Value!),
        _ => JsonValue.Create(node.ToString()),
    };

    private static YamlNode? Child(YamlNode node, string key) => ((YamlMappingNode)node).Children.TryGetValue(new YamlScalarNode(key), out var value) ? value : null;

    /// <summary>The configuration of a stack's file as the engine hands it to the program, in PULUMI_CONFIG.</summary>
    public static string ConfigOf(string stackFile) =>
        new JsonObject(((YamlMappingNode)Parse(stackFile)["config"]).Select(entry => KeyValuePair.Create(entry.Key.ToString(), (JsonNode?)Text(entry.Value)))).ToJsonString();

    private static YamlNode Yaml(string file) => Parse(File.ReadAllText(Repository.File(file)));

    private static YamlNode Parse(string text)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        return stream.Documents[0].RootNode;
    }
}
