using System.Text.Json;

namespace GatewayOps.Emulator.State;

/// <summary>The datasets and evaluations of one gateway. Safe for concurrent use; every method is one atomic step.</summary>
public sealed class EvaluationStore(EmulatorClock clock)
{
    private readonly Lock _lock = new();
    private readonly OrderedDictionary<string, DatasetState> _datasets = [];
    private readonly OrderedDictionary<string, EvaluationState> _evaluations = [];

    /// <summary>In order of creation.</summary>
    public IReadOnlyList<DatasetState> Datasets
    {
        get
        {
            lock (_lock)
                return [.. _datasets.Values];
        }
    }

    /// <summary>In order of creation.</summary>
    public IReadOnlyList<EvaluationState> Evaluations
    {
        get
        {
            lock (_lock)
                return [.. _evaluations.Values];
        }
    }

    public DatasetState? FindDataset(string id)
    {
        lock (_lock)
            return _datasets.GetValueOrDefault(id);
    }

    /// <summary>Null when the name is taken.</summary>
    public DatasetState? AddDataset(string name, bool enable, JsonElement filters)
    {
        lock (_lock)
        {
            if (IsTaken(name))
                return null;
            var now = clock.GetUtcNow();
            var dataset = new DatasetState(Identifier.NewUuid(), name, enable, filters, now, now);
            _datasets.Add(dataset.Id, dataset);
            return dataset;
        }
    }

    /// <summary>Puts back a dataset of a snapshot. False when its id or its name is taken.</summary>
    public bool Restore(DatasetState dataset)
    {
        lock (_lock)
            return !IsTaken(dataset.Name) && _datasets.TryAdd(dataset.Id, dataset);
    }

    /// <summary>`Dataset` is null when there is none; the change is refused when its name is another one's.</summary>
    public (DatasetState? Dataset, bool NameTaken) ReplaceDataset(string id, string name, bool enable, JsonElement filters)
    {
        lock (_lock)
        {
            if (!_datasets.TryGetValue(id, out var dataset))
                return (null, false);
            if (dataset.Name != name && IsTaken(name))
                return (dataset, true);
            return (_datasets[id] = dataset with { Name = name, Enable = enable, Filters = filters, ModifiedAt = clock.GetUtcNow() }, false);
        }
    }

    public DatasetState? RemoveDataset(string id)
    {
        lock (_lock)
            return _datasets.Remove(id, out var dataset) ? dataset : null;
    }

    public EvaluationState? FindEvaluation(string id)
    {
        lock (_lock)
            return _evaluations.GetValueOrDefault(id);
    }

    /// <summary>False when the name is taken.</summary>
    public bool AddEvaluation(EvaluationState evaluation)
    {
        lock (_lock)
            return _evaluations.Values.All(other => other.Name != evaluation.Name) && _evaluations.TryAdd(evaluation.Id, evaluation);
    }

    public EvaluationState? RemoveEvaluation(string id)
    {
        lock (_lock)
            return _evaluations.Remove(id, out var evaluation) ? evaluation : null;
    }

    private bool IsTaken(string name) => _datasets.Values.Any(dataset => dataset.Name == name);
}
