using System.Collections.Frozen;
using GatewayOps.Emulator.State;

namespace GatewayOps.Emulator.Analytics;

/// <summary>What a field of a dataset holds. In memory: string, decimal, <see cref="DateTimeOffset"/>, or a list of strings.</summary>
public enum Scalar
{
    String,
    Number,
    Time,
    Date,
    Strings,
}

/// <summary>Something to group, filter and order by.</summary>
public sealed record Dimension(string Name, Scalar Type, Func<Fact, object> Read)
{
    /// <summary>What a time is cut down to; zero for what is no time.</summary>
    public TimeSpan Unit { get; private init; }

    /// <summary>The fact's time, cut down to a whole unit.</summary>
    public static Dimension Time(string name, TimeSpan unit, Scalar type = Scalar.Time) =>
        new(name, type, fact => new DateTimeOffset(fact.Time.UtcTicks / unit.Ticks * unit.Ticks, TimeSpan.Zero)) { Unit = unit };
}

/// <summary>A number of each fact.</summary>
public sealed record Measure(string Name, Func<Fact, decimal> Read);

/// <summary>A figure of a group, selected as `{Node} {Name}`: `sum { cost }`, `quantiles { durationMsP90 }`.</summary>
public sealed record Aggregate(string Node, string Name, Func<Fact, decimal> Read, Func<Accumulator> Begin)
{
    /// <summary>As `orderBy` names it, before `_ASC` or `_DESC`.</summary>
    public string OrderName => $"{Node}_{Name}";
}

/// <summary>A node of the GraphQL API (contract section 15): what it counts, what can be asked of it, and how much at once.</summary>
public sealed class Dataset
{
    public const int MaxPageSize = 10_000;
    public const int MaxNumberOfFields = 30;

    /// <summary>How far back a query may look: about 62 days.</summary>
    public static readonly TimeSpan NotOlderThan = TimeSpan.FromSeconds(5_356_800);

    /// <summary>How long a range it may cover: about 32 days.</summary>
    public static readonly TimeSpan MaxDuration = TimeSpan.FromSeconds(2_764_800);

    private readonly FrozenDictionary<string, Dimension> _dimensions;
    private readonly FrozenDictionary<(string, string), Aggregate> _aggregates;

    /// <param name="sums">Measures under `sum`.</param>
    /// <param name="maxima">Measures under `max`.</param>
    /// <param name="sampled">Measures whose quantiles can be asked: `{Name}P50` and so on.</param>
    public Dataset(string name, FactSource facts, IReadOnlyList<Dimension> dimensions, Measure[]? sums = null, Measure[]? maxima = null, Measure[]? sampled = null)
    {
        (Name, Facts, Dimensions) = (name, facts, dimensions);
        Aggregates =
        [
            .. (sums ?? []).Select(measure => new Aggregate("sum", measure.Name, measure.Read, () => new Sum())),
            .. (maxima ?? []).Select(measure => new Aggregate("max", measure.Name, measure.Read, () => new Maximum())),
            .. (sampled ?? []).SelectMany(measure => Quantile.All.Select(quantile =>
                new Aggregate("quantiles", measure.Name + quantile.Name, measure.Read, () => new Quantile(quantile.Rank)))),
        ];
        _dimensions = dimensions.ToFrozenDictionary(dimension => dimension.Name, StringComparer.Ordinal);
        _aggregates = Aggregates.ToFrozenDictionary(aggregate => (aggregate.Node, aggregate.Name));
    }

    public string Name { get; }
    public FactSource Facts { get; }
    public IReadOnlyList<Dimension> Dimensions { get; }
    public IReadOnlyList<Aggregate> Aggregates { get; }

    /// <summary>`aiGateway…` is `AccountAiGateway…` as a type.</summary>
    public string TypeName => $"Account{char.ToUpperInvariant(Name[0])}{Name[1..]}";

    public Dimension? FindDimension(string name) => _dimensions.GetValueOrDefault(name);

    public Aggregate? FindAggregate(string node, string name) => _aggregates.GetValueOrDefault((node, name));
}

/// <summary>The facts of an account between two times (both included), in any order; what the reader does not want it skips.</summary>
public delegate IEnumerable<Fact> FactSource(AccountState account, DateTimeOffset from, DateTimeOffset until);
