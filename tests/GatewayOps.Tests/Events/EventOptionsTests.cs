using GatewayOps.ControlPlane.Events;
using GatewayOps.ControlPlane.Hosting;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Events;

public sealed class EventOptionsTests
{
    private const string Secret = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX";

    [Theory]
    [InlineData("Name", "", "Name must be")]
    [InlineData("Name", "Upper", "Name must be")]
    [InlineData("Url", "", "Url must be")]
    [InlineData("Url", "ftp://hook.example", "Url must be")]
    [InlineData("Url", "https://user:canary@hook.example", "Url must be")]
    [InlineData("Url", "http://hook.example", "plain http")]
    [InlineData("Url", "http://127.0.0.1:9000", "plain http")]
    [InlineData("Url", "https://127.0.0.1", "not of the public Internet")]
    [InlineData("Url", "https://2130706433/", "not of the public Internet")]
    [InlineData("Url", "https://0x7f.1/", "not of the public Internet")]
    [InlineData("Url", "https://[::ffff:10.0.0.1]/", "not of the public Internet")]
    [InlineData("Url", "https://[64:ff9b::7f00:1]/", "not of the public Internet")]
    [InlineData("Secret", "", "Secret or SecretFile")]
    [InlineData("Secret", "canary-without-prefix", "whsec_")]
    [InlineData("Secret", "whsec_Y2FuYXJ5", "24 to 64 bytes")]
    [InlineData("Secret", "whsec_!canary", "whsec_")]
    [InlineData("SecretFile", "/nowhere/secret", "Secret or SecretFile")]
    [InlineData("Actions", "content.add, Canary!", "is no action")]
    public async Task WrongWebhook_RefusesToStart_NamingTheSettingAndNotTheSecret(string setting, string value, string expected)
    {
        var settings = new Dictionary<string, string> { ["Name"] = "ops", ["Url"] = "https://hook.example/x", ["Secret"] = Secret };
        settings[setting] = value;

        var failure = await Assert.ThrowsAnyAsync<Exception>(() => TestService.StartAsync(settings: settings.ToDictionary(pair => $"GatewayOps:Events:Webhooks:0:{pair.Key}", pair => pair.Value)));

        var line = StartFailure.Explain(failure);
        Assert.Contains("GatewayOps:Events:Webhooks:0:", line);
        Assert.Contains(expected, line);
        Assert.DoesNotContain("canary", line);
        Assert.DoesNotContain(Secret, line);
    }

    [Theory]
    [InlineData("AllowPrivate", "10.0.0.0/33", "AllowPrivate")]
    [InlineData("AllowPrivate", "a b!c", "AllowPrivate")]
    [InlineData("Webhoks:0:Name", "x", "Webhoks")]
    [InlineData("Webhooks:0:Nmae", "x", "Nmae")]
    [InlineData("Source", "a b", "Source")]
    public async Task WrongSetting_RefusesToStart(string setting, string value, string expected)
    {
        var failure = await Assert.ThrowsAnyAsync<Exception>(() => TestService.StartAsync(settings: new Dictionary<string, string> { ["GatewayOps:Events:" + setting] = value }));

        Assert.Contains(expected, StartFailure.Explain(failure));
    }

    [Fact]
    public void SecretFile_UnreadableOrWrong_IsNamed()
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "secret");
        File.WriteAllText(file, "canary");

        var wrong = new EventOptionsValidator().Validate(null, new EventOptions { Webhooks = [new() { Name = "ops", Url = "https://hook.example", SecretFile = file }] });
        var missing = new EventOptionsValidator().Validate(null, new EventOptions { Webhooks = [new() { Name = "ops", Url = "https://hook.example", SecretFile = file + "x" }] });
        File.WriteAllText(file, $"{Secret}\n");
        var right = new EventOptionsValidator().Validate(null, new EventOptions { Webhooks = [new() { Name = "ops", Url = "https://hook.example", SecretFile = file }] });

        Assert.Contains("SecretFile must hold whsec_", wrong.FailureMessage);
        Assert.DoesNotContain("canary", wrong.FailureMessage);
        Assert.Contains("cannot be read", missing.FailureMessage);
        Assert.True(right.Succeeded);
    }

    [Fact]
    public void Webhooks_AreBoundedAndHaveDifferentNames()
    {
        var webhook = new WebhookOptions { Name = "ops", Url = "https://hook.example", Secret = Secret };

        Assert.Contains("two webhooks with the name", new EventOptionsValidator().Validate(null, new EventOptions { Webhooks = [webhook, webhook] }).FailureMessage);
        Assert.Contains("8 is the most", new EventOptionsValidator().Validate(null, new EventOptions { Webhooks = [.. Enumerable.Repeat(webhook, 9)] }).FailureMessage);
    }

    [Theory]
    [InlineData(null, "content.add", true)]
    [InlineData("content.add gateway.*", "content.add", true)]
    [InlineData("content.add,gateway.*", "gateway.control", true)]
    [InlineData("content.add gateway.*", "content.remove", false)]
    [InlineData("content", "content.add", false)]
    [InlineData("*", "reconcile", true)]
    public void Wants_IsExactOrABeginning(string? actions, string action, bool wanted)
    {
        using var webhook = new Webhook(new() { Name = "ops", Url = "https://hook.example", Secret = Secret, Actions = actions }, "gatewayops", new GuardedConnections(new([])), TimeProvider.System);

        Assert.Equal(wanted, webhook.Wants(action));
    }
}
