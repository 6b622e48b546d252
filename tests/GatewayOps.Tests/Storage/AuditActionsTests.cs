using System.Text.RegularExpressions;
using GatewayOps.ControlPlane.Storage;
using GatewayOps.Tests.Conventions;

namespace GatewayOps.Tests.Storage;

public sealed partial class AuditActionsTests
{
    /// <summary>An action outside the table would be `_other` in the metric and unknown to the guide of events.</summary>
    [Fact]
    public void EveryAction_ThatTheCodeAppends_IsInTheTable()
    {
        var named = SourceFile.Below("controlplane/Service").SelectMany(file => Appending().Matches(file.Text)).SelectMany(append => Name().Matches(append.Value))
            .Select(match => match.Groups[1].Value).ToList();

        Assert.NotEmpty(named);
        Assert.Empty(named.Except(AuditActions.All));
        Assert.Equal(AuditActions.All.Order(StringComparer.Ordinal), AuditActions.All);
    }

    // The first argument alone, which may be a choice of two.
    [GeneratedRegex(@"AuditLog\.Append\([^""\n]*?new(?: AuditEntry)?\(([^,""\n]*""[^""\n]*""(?:\s*:\s*""[^""\n]*"")?)")]
    private static partial Regex Appending();

    [GeneratedRegex(@"""([a-z_.]+)""")]
    private static partial Regex Name();
}
