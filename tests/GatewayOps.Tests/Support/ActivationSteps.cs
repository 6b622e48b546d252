using System.Net.Http.Headers;
using GatewayOps.ControlPlane.Content;
using GatewayOps.ControlPlane.Loaded;
using GatewayOps.ControlPlane.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace GatewayOps.Tests.Support;

/// <summary>Adds and activates rule sets without Cloudflare, for tests of what follows an activation.</summary>
public static class ActivationSteps
{
    /// <summary>Adds a document and answers its revision number.</summary>
    public static async Task<int> AddAsync(this TestService service, string name, string document)
    {
        using var content = new StringContent(document, new MediaTypeHeaderValue("application/json"));
        using var response = await service.Operator.PostAsync($"/api/v1/content?name={name}", content);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        return int.Parse(response.Headers.ETag!.Tag.Trim('"'));
    }

    /// <summary>Activates a revision as `execute` does, without the calls to Cloudflare.</summary>
    public static async Task<bool> ActivateAsync(this TestService service, string gateway, string ruleSet, int? revision, string actor = "test")
    {
        await using var db = await service.Services.GetRequiredService<IDbContextFactory<GatewayOpsDb>>().CreateDbContextAsync();
        await using var transaction = await db.Database.BeginTransactionAsync();
        var changed = await service.Services.GetRequiredService<Activations>()
            .ActivateAsync(db, gateway, ruleSet, revision, "execute", Deletions.None, new Actor(actor, "request"), CancellationToken.None);
        await transaction.CommitAsync();
        return changed;
    }

    /// <summary>Adds a document, activates it and waits until the service serves by it.</summary>
    public static async Task ServeAsync(this TestService service, string document, string name = "rules", string gateway = "openai-compat")
    {
        var revision = await service.AddAsync(name, document);
        await service.ActivateAsync(gateway, name, revision);
        await service.EventuallyAsync(() => service.Services.GetRequiredService<LoadedRuleSets>().For(gateway).Label == $"{name}@{revision}", "the activation");
    }
}
