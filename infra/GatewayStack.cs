using System.Collections.Immutable;
using GatewayOps.Infra.Components;
using GatewayOps.Infra.Spec;
using Pulumi;
using Cloudflare = Pulumi.Cloudflare;

namespace GatewayOps.Infra;

/// <summary>
/// The stack: gateways, the Secrets Store with its keys, tokens. Nothing is registered before the configuration is found whole and every policy kept or accepted.
/// </summary>
public sealed class GatewayStack : Stack
{
    public GatewayStack()
    {
        var reading = StackSpecReader.Read(StackConfiguration.Read(Deployment.Instance.ProjectName), Environment.GetEnvironmentVariable);
        if (reading.Spec is not { } spec)
            throw new RunException("The configuration of this stack is not valid:\n" + string.Join('\n', reading.Errors.Select(error => $"  {error}")));
        foreach (var accepted in reading.Accepted)
            Log.Info($"policy {accepted.Policy} is accepted for {accepted.Gateway ?? "every gateway"}: {accepted.Reason}");

        var store = Store(spec);
        var gateways = spec.Gateways.Select(gateway => new AiGateway(gateway.Id, new GatewayArgs(spec.AccountId, gateway, store is not null && spec.HasStore(gateway) ? (Input<string>)store : null, spec.Protect))).ToList();
        var keys = spec.Keys.ToDictionary(
            key => key.SecretName,
            key => new ProviderKey(key.SecretName, new ProviderKeyArgs(spec.AccountId, store!, key, Output.CreateSecret(reading.Values.Of(key)))));
        var tokens = Tokens(spec);

        AccountId = Output.Create(spec.AccountId);
        Endpoint = Output.Create(spec.EndpointOf(spec.Gateways[0]));
        Endpoints = Output.Create(spec.Gateways.ToImmutableDictionary(gateway => gateway.Id, spec.EndpointOf));
        TokenValues = Output.CreateSecret(Output.All(tokens.Values.Select(token => token.Value)).Apply(values => tokens.Keys.Zip(values).ToImmutableDictionary(pair => pair.First, pair => pair.Second)));
        // Known once everything in it is there.
        var (project, stack) = (Deployment.Instance.ProjectName, Deployment.Instance.StackName);
        var made = Output.Tuple(
            Output.All(gateways.Select(gateway => gateway.GatewayId)),
            store ?? Output.Create(""),
            Output.All(keys.Values.Select(key => key.SecretId)));
        HandOver = made.Apply(known => Spec.HandOver.Of(spec, project, stack, known.Item2 is { Length: > 0 } id ? id : null, keys.Keys.Zip(known.Item3).ToDictionary(pair => pair.First, pair => pair.Second)));
    }

    [Output("accountId")]
    public Output<string> AccountId { get; private set; }

    /// <summary>Base URL of the data plane of the first gateway.</summary>
    [Output("endpoint")]
    public Output<string> Endpoint { get; private set; }

    /// <summary>The same of each gateway, by id.</summary>
    [Output("endpoints")]
    public Output<ImmutableDictionary<string, string>> Endpoints { get; private set; }

    /// <summary>Values of the tokens by name; secret: `pulumi stack output tokens --show-secrets`.</summary>
    [Output("tokens")]
    public Output<ImmutableDictionary<string, string>> TokenValues { get; private set; }

    /// <summary>What belongs to this stack, for the control plane: `pulumi stack output --json | gatewayops stack adopt --file -`.</summary>
    [Output("handover")]
    public Output<string> HandOver { get; private set; }

    // Null where the stack has no stored keys.
    private static Output<string>? Store(StackSpec spec)
    {
        if (spec.ExistingStoreId is { } id)
            return Output.Create(id);
        if (!spec.MakesStore)
            return null;
        var store = new Cloudflare.SecretsStore(spec.StoreName, new Cloudflare.SecretsStoreArgs
        {
            AccountId = spec.AccountId,
            Name = spec.StoreName,
            // Other programs keep secrets in the account's one store, too: a store that is not empty is not deleted.
            Force = false,
        }, new CustomResourceOptions { Protect = spec.Protect });
        return store.Id;
    }

    private static Dictionary<string, AccessToken> Tokens(StackSpec spec)
    {
        if (spec.Tokens.Count == 0)
            return [];
        var groups = Cloudflare.GetAccountApiTokenPermissionGroupsList
            .Invoke(new Cloudflare.GetAccountApiTokenPermissionGroupsListInvokeArgs { AccountId = spec.AccountId })
            .Apply(list => (IReadOnlyList<(string, string)>)[.. list.Results.Select(group => (group.Id, group.Name))]);
        return spec.Tokens.ToDictionary(token => token.Name, token => new AccessToken(token.Name, new AccessTokenArgs(spec.AccountId, token, groups, spec.Protect)));
    }
}
