using GatewayOps.Infra.Components;
using GatewayOps.Infra.Spec;
using Pulumi;

namespace GatewayOps.Infra;

/// <summary>The stack. Its outputs are what `gatewayops stack adopt` reads; none is secret.</summary>
public sealed class GatewayStack : Stack
{
    public GatewayStack()
    {
        var (spec, errors) = StackSpecReader.Read(StackConfiguration.Read(Deployment.Instance.ProjectName));
        if (spec is null)
            throw new RunException("The configuration of this stack is not valid:\n" + string.Join('\n', errors.Select(error => $"  {error}")));

        var gateway = new AiGateway(spec.GatewayId, spec);
        GatewayId = gateway.GatewayId;
        AccountId = gateway.AccountId;
        Endpoint = Output.Create(spec.Endpoint);
        // Known once the gateway is there.
        HandOver = gateway.GatewayId.Apply(_ => Spec.HandOver.Of(spec, Deployment.Instance.ProjectName, Deployment.Instance.StackName));
    }

    [Output("gatewayId")]
    public Output<string> GatewayId { get; set; }

    [Output("accountId")]
    public Output<string> AccountId { get; set; }

    /// <summary>Base URL of the data plane.</summary>
    [Output("endpoint")]
    public Output<string> Endpoint { get; set; }

    /// <summary>What belongs to this stack, for the control plane: `pulumi stack output --json | gatewayops stack adopt --file -`.</summary>
    [Output("handover")]
    public Output<string> HandOver { get; set; }
}
