using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Options;

namespace GatewayOps.ControlPlane.Usage;

/// <summary>
/// Public list prices, for estimates: the invoice is the provider's. Built in from prices.json; the setting GatewayOps:Usage:PriceFile replaces it.
/// </summary>
public sealed class PriceTable
{
    private const decimal MostUsd = 1_000_000;

    private readonly FrozenDictionary<string, ModelPrice[]> _byProvider;

    public PriceTable(IOptions<UsageOptions> options) : this(Read(options.Value.PriceFile))
    {
    }

    private PriceTable(PriceFile file)
    {
        (_, Models, AsOf) = file;
        _byProvider = Models.GroupBy(model => model.Provider).ToFrozenDictionary(models => models.Key, models => models.ToArray());
    }

    /// <summary>The built-in prices.</summary>
    public static PriceTable BuiltIn { get; } = new(Read(path: null));

    public IReadOnlyList<ModelPrice> Models { get; }

    /// <summary>The day that the prices are of, for rows without a day of their own; null where the file does not tell.</summary>
    public DateOnly? AsOf { get; }

    /// <summary>
    /// The price of a provider's model; a dated or tagged variant (`gpt-4o-2024-08-06`) has that of the longest name it begins with. Null when unknown.
    /// </summary>
    public ModelPrice? Find(string provider, string model)
    {
        ModelPrice? found = null;
        foreach (var price in _byProvider.GetValueOrDefault(provider) ?? [])
        {
            if (price.Model.Length > (found?.Model.Length ?? -1) && model.StartsWith(price.Model, StringComparison.Ordinal)
                && (model.Length == price.Model.Length || IsVariant(model[price.Model.Length..])))
            {
                found = price;
            }
        }

        return found;
    }

    /// <summary>The price of a model by its name, alone or as `{provider}/{model}`; null when unknown.</summary>
    public ModelPrice? Named(string name) => Models.FirstOrDefault(price => price.Id == name || price.Model == name || $"{price.Provider}/{price.Model}" == name);

    // `-2024-08-06`, `-20250929`, `-latest`, `:free` is not one: another price.
    private static bool IsVariant(string suffix) => suffix is "-latest" || (suffix[0] is '-' && suffix.Skip(1).All(c => char.IsAsciiDigit(c) || c is '-') && suffix.Length > 4);

    // What is below nothing would give back what others spent.
    private static bool HasNoPrice(ModelPrice model) => new[] { model.Input, model.CachedInput, model.Output, model.CacheWrite }.Any(price => price is < 0 or > MostUsd);

    private static PriceFile Read(string? path)
    {
        try
        {
            using var stream = path is null ? typeof(PriceTable).Assembly.GetManifestResourceStream("prices.json")! : File.OpenRead(path);
            var file = JsonSerializer.Deserialize(stream, PriceJson.Default.PriceFile) ?? throw new JsonException("it holds nothing.");
            return file.Models.FirstOrDefault(HasNoPrice) is { } model
                ? throw new JsonException($"the price of {model.Provider}/{model.Model} is not one: dollars per million tokens are 0 to {MostUsd}.")
                : file;
        }
        catch (Exception e) when (path is not null && e is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new OptionsValidationException(nameof(UsageOptions), typeof(UsageOptions),
                [$"{UsageOptions.Section}:PriceFile names {path}, which cannot be read as a price file: {e.Message}"]);
        }
    }

}

/// <summary>What a price file holds.</summary>
internal sealed record PriceFile(string Note, IReadOnlyList<ModelPrice> Models, DateOnly? AsOf = null);

/// <summary>Written by the compiler: the file is read at every start, and reflection would be most of the time.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web, PropertyNameCaseInsensitive = false, AllowDuplicateProperties = false, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(PriceFile))]
internal sealed partial class PriceJson : JsonSerializerContext;
