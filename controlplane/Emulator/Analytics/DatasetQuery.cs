using System.Globalization;
using System.Text.Json.Nodes;
using GatewayOps.Emulator.Analytics.GraphQl;
using GatewayOps.Emulator.State;

namespace GatewayOps.Emulator.Analytics;

/// <summary>One selection of a dataset: `aiGatewayRequestsAdaptiveGroups(limit, filter, orderBy) { count sum {…} dimensions {…} }`. One pass over the facts.</summary>
public sealed class DatasetQuery
{
    private readonly Dataset _dataset;
    private readonly BoundField _field;
    private readonly Condition _condition;
    private readonly int _limit;
    private readonly List<Dimension> _dimensions = [];
    private readonly List<Aggregate> _aggregates = [];
    private readonly List<(Func<Group, object> Read, bool Descending)> _order = [];

    /// <exception cref="QueryException">What is asked does not exist, or is more than the dataset's limits allow.</exception>
    public DatasetQuery(Dataset dataset, BoundField field)
    {
        (_dataset, _field) = (dataset, field);
        foreach (var argument in field.Arguments.Keys)
            if (argument is not ("limit" or "filter" or "orderBy"))
                throw Bad($"unknown arg {argument}");
        _limit = field.Arguments.GetValueOrDefault("limit") is decimal limit and >= 1 and <= Dataset.MaxPageSize && decimal.IsInteger(limit)
            ? (int)limit
            : throw Bad($"limit must be a whole number between 1 and {Dataset.MaxPageSize}");
        _condition = Condition.Read(dataset, field.Arguments.GetValueOrDefault("filter"));
        Select();
        foreach (var order in field.Arguments.GetValueOrDefault("orderBy") switch { null => [], List<object?> list => list, var one => [one] })
            _order.Add(Order(order as string ?? throw Bad("orderBy must be a list of fields with _ASC or _DESC")));
    }

    public JsonArray Run(AccountState account, DateTimeOffset now, DateTimeOffset visibleUntil)
    {
        var (from, until) = Range(now);
        var groups = new Dictionary<object[], Group>(new SameKey());
        var key = new object[_dimensions.Count];
        foreach (var fact in _dataset.Facts(account, from, until < visibleUntil ? until : visibleUntil))
        {
            if (!_condition.Passes(fact))
                continue;
            for (var i = 0; i < key.Length; i++)
                key[i] = _dimensions[i].Read(fact);
            if (!groups.TryGetValue(key, out var group))
            {
                group = new Group([.. key], [.. _aggregates.Select(aggregate => aggregate.Begin())]);
                groups.Add(group.Key, group);
            }
            group.Count++;
            for (var i = 0; i < _aggregates.Count; i++)
                group.Figures[i].Add(_aggregates[i].Read(fact));
        }
        return [.. Sorted(groups.Values).Take(_limit).Select(Answer)];
    }

    private (DateTimeOffset From, DateTimeOffset Until) Range(DateTimeOffset now)
    {
        // Bounds of whole minutes reach a little beyond the moment that was meant; without a bound of its own a query gets a day more.
        var (day, hour) = (TimeSpan.FromDays(1), TimeSpan.FromHours(1));
        var until = _condition.Until is { } end && end < now ? end : now;
        var from = _condition.From ?? until - Dataset.MaxDuration;
        if (from < now - Dataset.NotOlderThan - (_condition.From is null ? day : TimeSpan.Zero))
            throw QueryException.Beyond($"cannot request data older than {Dataset.NotOlderThan.TotalSeconds:0}s", Path());
        if (until - from > Dataset.MaxDuration + (_condition.Until <= now ? hour : day))
            throw QueryException.Beyond($"query time range is too large. Time range can not be wider than {Dataset.MaxDuration.TotalSeconds:0}s", Path());
        return (from, until);
    }

    private void Select()
    {
        if (_field.Fields.Count == 0)
            throw Bad("a selection is missing");
        foreach (var node in _field.Fields)
        {
            var scalar = node.Name is "count" or "__typename";
            if (scalar && node.Fields.Count > 0)
                throw new QueryException("scalar fields must have not selections", path: Path(node.Name));
            if (!scalar && !IsNode(node.Name))
                throw new QueryException($"unknown field \"{node.Name}\"", path: Path(node.Name));
            if (!scalar && node.Fields.Count == 0)
                throw new QueryException($"\"{node.Name}\" needs a selection", path: Path(node.Name));
            foreach (var leaf in node.Fields)
                Select(node.Name, leaf);
        }
        var fields = _field.Fields.Sum(node => Math.Max(1, node.Fields.Count));
        if (fields > Dataset.MaxNumberOfFields)
            throw QueryException.Beyond($"number of fields cannot be more than {Dataset.MaxNumberOfFields}", Path());
    }

    private void Select(string node, BoundField leaf)
    {
        if (leaf.Fields.Count > 0)
            throw new QueryException("scalar fields must have not selections", path: Path(node, leaf.Name));
        if (leaf.Name == "__typename" || (node == "avg" && leaf.Name == "sampleInterval"))
            return;
        if (node == "dimensions" && _dataset.FindDimension(leaf.Name) is { } dimension)
            IndexOf(_dimensions, dimension);
        else if (_dataset.FindAggregate(node, leaf.Name) is { } aggregate)
            IndexOf(_aggregates, aggregate);
        else
            throw new QueryException($"unknown field \"{leaf.Name}\"", path: Path(node, leaf.Name));
    }

    private bool IsNode(string name) => name is "dimensions" or "avg" || _dataset.Aggregates.Any(aggregate => aggregate.Node == name);

    private (Func<Group, object> Read, bool Descending) Order(string order)
    {
        var (name, direction) = order.LastIndexOf('_') is > 0 and var at ? (order[..at], order[(at + 1)..]) : (order, "");
        if (direction is not ("ASC" or "DESC"))
            throw Bad($"orderBy {order} must end in _ASC or _DESC");
        if (name == "count")
            return (group => (decimal)group.Count, direction == "DESC");
        if (_dataset.FindDimension(name) is { Type: not Scalar.Strings } dimension)
        {
            // To order by it is to group by it.
            var index = IndexOf(_dimensions, dimension);
            return (group => group.Key[index], direction == "DESC");
        }
        if (_dataset.Aggregates.FirstOrDefault(aggregate => aggregate.OrderName == name) is { } figure)
        {
            var index = IndexOf(_aggregates, figure);
            return (group => group.Figures[index].Result, direction == "DESC");
        }
        throw Bad($"unknown orderBy {order}");
    }

    private IEnumerable<Group> Sorted(IEnumerable<Group> groups)
    {
        IOrderedEnumerable<Group>? sorted = null;
        var order = Comparer<object>.Create((one, other) => one is string text ? string.CompareOrdinal(text, (string)other) : ((IComparable)one).CompareTo(other));
        foreach (var (read, descending) in _order)
            sorted = (sorted, descending) switch
            {
                (null, false) => groups.OrderBy(read, order),
                (null, true) => groups.OrderByDescending(read, order),
                (_, false) => sorted.ThenBy(read, order),
                (_, true) => sorted.ThenByDescending(read, order),
            };
        return sorted ?? groups;
    }

    private JsonNode Answer(Group group)
    {
        var answer = new JsonObject();
        foreach (var node in _field.Fields)
            answer[node.Key] = node.Name switch
            {
                "count" => JsonValue.Create(group.Count),
                "__typename" => JsonValue.Create(_dataset.TypeName),
                _ => new JsonObject(node.Fields.Select(leaf => KeyValuePair.Create(leaf.Key, Answer(group, node.Name, leaf.Name)))),
            };
        return answer;
    }

    private JsonNode? Answer(Group group, string node, string name) => (node, name) switch
    {
        (_, "__typename") => JsonValue.Create($"{_dataset.TypeName}{char.ToUpperInvariant(node[0])}{node[1..]}"),
        // Nothing is sampled here.
        ("avg", _) => JsonValue.Create(1),
        ("dimensions", _) when _dataset.FindDimension(name) is { } dimension => Text(dimension.Type, group.Key[_dimensions.IndexOf(dimension)]),
        _ => JsonValue.Create(group.Figures[_aggregates.IndexOf(_dataset.FindAggregate(node, name)!)].Result),
    };

    private static JsonNode Text(Scalar type, object value) => value switch
    {
        DateTimeOffset time => JsonValue.Create(time.ToString(type == Scalar.Date ? "yyyy-MM-dd" : "yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)),
        decimal number => JsonValue.Create(number),
        IReadOnlyList<string> list => new JsonArray([.. list.Select(item => JsonValue.Create(item))]),
        _ => JsonValue.Create((string)value),
    };

    private static int IndexOf<T>(List<T> list, T item)
    {
        if (list.IndexOf(item) is >= 0 and var known)
            return known;
        list.Add(item);
        return list.Count - 1;
    }

    private string[] Path(params string[] below) => ["viewer", "accounts", "0", _dataset.Name, .. below];

    private QueryException Bad(string what) => new($"error parsing args for \"{_dataset.Name}\": {what}", path: Path());

    private sealed class Group(object[] key, Accumulator[] figures)
    {
        public object[] Key => key;
        public Accumulator[] Figures => figures;
        public long Count { get; set; }
    }

    private sealed class SameKey : IEqualityComparer<object[]>
    {
        public bool Equals(object[]? one, object[]? other)
        {
            for (var i = 0; i < one!.Length; i++)
                if (!Same(one[i], other![i]))
                    return false;
            return true;
        }

        public int GetHashCode(object[] key)
        {
            var hash = new HashCode();
            foreach (var part in key)
                hash.Add(part is IReadOnlyList<string> list ? string.Join('\0', list).GetHashCode(StringComparison.Ordinal) : part.GetHashCode());
            return hash.ToHashCode();
        }

        private static bool Same(object one, object other) =>
            one is IReadOnlyList<string> list ? other is IReadOnlyList<string> items && list.SequenceEqual(items, StringComparer.Ordinal) : one.Equals(other);
    }
}
