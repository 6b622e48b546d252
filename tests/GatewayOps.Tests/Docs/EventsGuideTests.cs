using GatewayOps.ControlPlane.Storage;

namespace GatewayOps.Tests.Docs;

public sealed class EventsGuideTests
{
    [Fact]
    public void Actions_AreThoseOfTheCode() => GuideTable.Holds("events.md", "Action", AuditActions.All.Select(action => new[] { $"`{action}`" }));
}
