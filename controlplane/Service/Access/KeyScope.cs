using GatewayOps.Rules.Matching;

namespace GatewayOps.ControlPlane.Access;

/// <summary>
/// Which models and gateways a key may use; null is all. A pattern has `*` for any characters and is case-sensitive. One of a model is held against the model's name as its provider knows it,
/// or, where it has a slash and does not begin with `@`, against `{provider}/{model}`.
/// </summary>
public sealed class KeyScope(IReadOnlyList<string>? models, IReadOnlyList<string>? gateways)
{
    private readonly Glob[]? _models = Globs(models?.Where(pattern => !NamesProvider(pattern)));
    private readonly Glob[]? _ofProviders = Globs(models?.Where(NamesProvider));
    private readonly Glob[]? _gateways = Globs(gateways);

    public static KeyScope Everything { get; } = new(null, null);

    /// <summary>Whether some models are out of its reach.</summary>
    public bool LimitsModels => _models is not null;

    public bool AllowsGateway(string gateway) => _gateways is null || IsAny(_gateways, gateway);

    /// <param name="provider">Slug, as routing resolved it.</param>
    /// <param name="model">The provider's own name.</param>
    public bool AllowsModel(string provider, string model) =>
        _models is null || IsAny(_models, model) || (_ofProviders!.Length > 0 && IsAny(_ofProviders, $"{provider}/{model}"));

    private static bool IsAny(Glob[] globs, string name)
    {
        foreach (var glob in globs)
        {
            if (glob.IsMatch(name))
            {
                return true;
            }
        }

        return false;
    }

    // `@cf/meta/...` is the name of a model.
    private static bool NamesProvider(string pattern) => !pattern.StartsWith('@') && pattern.Contains('/', StringComparison.Ordinal);

    private static Glob[]? Globs(IEnumerable<string>? patterns) => patterns?.Select(pattern => new Glob(pattern)).ToArray();
}
