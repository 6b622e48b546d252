namespace GatewayOps.ControlPlane.Reconciliation.Planning;

/// <summary>What we made in Cloudflare for one gateway. Nothing outside it is ever deleted, nor replaced.</summary>
public sealed class Inventory(IEnumerable<InventoryItem> items)
{
    /// <summary>Stands where a gateway's id does, for what belongs to the account. No gateway has this id.</summary>
    public const string Account = "*";

    private readonly HashSet<InventoryItem> _items = [.. items];

    public static Inventory Empty { get; } = new([]);

    public IReadOnlyCollection<InventoryItem> Items => _items;

    /// <summary>By id as well as by name: an object that was deleted and made anew by somebody else is not ours.</summary>
    public bool Owns(ObjectKind kind, string key, string cloudflareId) => _items.Contains(new InventoryItem(kind, key, cloudflareId));

    /// <summary>Under which gateway an object is kept.</summary>
    public static string GatewayOf(ObjectKind kind, string gateway) => kind is ObjectKind.SecretStore or ObjectKind.CustomProvider ? Account : gateway;

    public bool HasAny(ObjectKind kind) => _items.Any(item => item.Kind == kind);
}

public readonly record struct InventoryItem(ObjectKind Kind, string Key, string CloudflareId);
