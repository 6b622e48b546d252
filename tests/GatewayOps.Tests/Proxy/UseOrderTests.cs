using GatewayOps.ControlPlane.Proxy;

namespace GatewayOps.Tests.Proxy;

public sealed class UseOrderTests
{
    private readonly UseOrder<string, int> _order = new();

    [Fact]
    public void Put_Again_IsTheNewestAndCountsOnce()
    {
        _order.Put("a", 1);
        _order.Put("b", 2);
        _order.Put("a", 3);

        Assert.Equal([2, 3], _order.OldestFirst);
        Assert.True(_order.TryGetOldest(out var key, out var value));
        Assert.Equal(("b", 2, 2), (key, value, _order.Count));
    }

    [Fact]
    public void RemoveOldest_UntilNothingIsLeft()
    {
        _order.Put("a", 1);
        _order.Put("b", 2);

        _order.RemoveOldest();
        Assert.False(_order.TryGet("a", out _));
        Assert.True(_order.TryGet("b", out var left));
        Assert.Equal(2, left);

        _order.RemoveOldest();
        _order.RemoveOldest();
        Assert.False(_order.TryGetOldest(out _, out _));
        Assert.Equal(0, _order.Count);
    }

    [Fact]
    public void TryGet_LeavesTheOrder()
    {
        _order.Put("a", 1);
        _order.Put("b", 2);
        _order.TryGet("a", out _);

        _order.RemoveOldest();

        Assert.Equal([2], _order.OldestFirst);
    }
}
